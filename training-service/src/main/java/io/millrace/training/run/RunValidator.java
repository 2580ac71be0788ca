package io.millrace.training.run;

import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.name.Names;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.Registry;
import io.millrace.platform.registry.SnapshotEntry;
import io.millrace.training.task.Preset;
import io.millrace.training.task.Task;
import io.millrace.training.task.TaskCatalog;
import io.millrace.training.task.TaskOptions;
import org.springframework.stereotype.Component;

/** Makes a complete request of a client's draft, or says what is wrong with it. */
@Component
class RunValidator {
  static final long MAX_STEPS = 100_000_000;
  static final long MAX_BATCH_SIZE = 4096;
  static final long MAX_ACCUMULATION = 1024;
  static final long MAX_LAYERS = 1024;

  private final Registry registry;
  private final TaskCatalog tasks;

  RunValidator(Registry registry, TaskCatalog tasks) {
    this.registry = registry;
    this.tasks = tasks;
  }

  /**
   * The complete request.
   *
   * @throws MillraceException INVALID_ARGUMENT for a value that is never right, NOT_FOUND for a
   *     dataset or snapshot that does not exist, FAILED_PRECONDITION for a dataset that cannot be
   *     learned from as it is
   */
  RunRequest complete(RunDraft draft) {
    Names.require("model", required("model", draft.model()));
    Names.require("dataset", required("dataset", draft.dataset()));
    Task task = tasks.require(required("task", draft.task()));
    Preset preset = task.preset(required("preset", draft.preset()));
    inRange("steps", draft.steps(), 1, MAX_STEPS);
    inRange("batch_size", draft.batchSize(), 0, MAX_BATCH_SIZE);
    inRange("checkpoint_every", draft.checkpointEvery(), 0, draft.steps());
    inRange("snapshot", draft.snapshot(), 0, Integer.MAX_VALUE);
    inRange("seed", draft.seed(), 0, Long.MAX_VALUE);
    if (!(draft.learningRate() >= 0 && draft.learningRate() <= 1)) {
      throw MillraceException.invalid(
          "learning_rate",
          "learning_rate must be between 0 and 1, 0 for the preset's; it is "
              + draft.learningRate());
    }
    TaskOptions options = options(draft);
    task.requireSuitable(preset, options);
    DatasetEntry dataset = registry.requireDataset(draft.dataset());
    task.requireSuitable(preset, dataset);
    SnapshotEntry snapshot = snapshot(dataset, (int) draft.snapshot());
    return new RunRequest(
        draft.model(),
        task.name(),
        dataset.name(),
        snapshot.version(),
        preset.name(),
        draft.steps(),
        draft.batchSize() == 0 ? preset.batchSize() : (int) draft.batchSize(),
        draft.learningRate() == 0 ? preset.learningRate() : draft.learningRate(),
        draft.checkpointEvery(),
        draft.checkpointAtStart(),
        draft.seed(),
        options.accumulation(),
        options.recomputeEvery(),
        options.emaDecay(),
        TaskOptions.spelled(options.documents()),
        options.precision().key());
  }

  private static TaskOptions options(RunDraft draft) {
    inRange("accumulation", draft.accumulation(), 0, MAX_ACCUMULATION);
    inRange("recompute_every", draft.recomputeEvery(), 0, MAX_LAYERS);
    if (!(draft.emaDecay() >= 0 && draft.emaDecay() < 1)) {
      throw MillraceException.invalid(
          "ema_decay",
          "ema_decay must be at least 0, for no average, and below 1; it is " + draft.emaDecay());
    }
    return new TaskOptions(
        (int) Math.max(1, draft.accumulation()),
        (int) draft.recomputeEvery(),
        draft.emaDecay(),
        TaskOptions.documents(draft.documents()),
        TaskOptions.precision(draft.precision()));
  }

  private SnapshotEntry snapshot(DatasetEntry dataset, int version) {
    SnapshotEntry snapshot =
        registry
            .snapshot(dataset.name(), version)
            .orElseThrow(() ->
                version == 0
                    ? MillraceException.precondition(
                        "dataset '" + dataset.name() + "' has no snapshot; seal one first")
                    : MillraceException.notFound("snapshot", dataset.name() + "/" + version));
    if (snapshot.train().stream().mapToLong(SnapshotEntry.Range::records).sum() == 0) {
      throw MillraceException.precondition(
          "snapshot '%s/%d' has nothing to learn from"
              .formatted(dataset.name(), snapshot.version()));
    }
    return snapshot;
  }

  private static String required(String field, String value) {
    if (value.isEmpty()) {
      throw new MillraceException(
          ErrorCode.INVALID_ARGUMENT, "field '" + field + "' is missing", field, null);
    }
    return value;
  }

  private static void inRange(String field, long value, long least, long most) {
    if (value < least || value > most) {
      throw MillraceException.invalid(
          field, "%s must be between %d and %d; it is %d".formatted(field, least, most, value));
    }
  }
}
