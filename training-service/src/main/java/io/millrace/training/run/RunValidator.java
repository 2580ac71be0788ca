package io.millrace.training.run;

import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.name.Names;
import io.millrace.platform.policy.PolicyJson;
import io.millrace.platform.policy.RetentionJson;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.registry.Registry;
import io.millrace.platform.registry.SnapshotEntry;
import io.millrace.platform.registry.VersionHolds;
import io.millrace.platform.registry.VersionRef;
import io.millrace.platform.store.ObjectStore;
import io.millrace.training.task.BaseModel;
import io.millrace.training.task.Preset;
import io.millrace.training.task.Task;
import io.millrace.training.task.TaskCatalog;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Makes a complete request of a client's draft, or says what is wrong with it. */
@Component
class RunValidator {
  static final long MAX_STEPS = 100_000_000;
  static final long MAX_BATCH_SIZE = 4096;

  private final Registry registry;
  private final ModelRegistry models;
  private final ObjectStore objects;
  private final RunStore runs;
  private final TaskCatalog tasks;

  RunValidator(
      Registry registry,
      ModelRegistry models,
      ObjectStore objects,
      RunStore runs,
      TaskCatalog tasks) {
    this.registry = registry;
    this.models = models;
    this.objects = objects;
    this.runs = runs;
    this.tasks = tasks;
  }

  /**
   * The complete request.
   *
   * @throws MillraceException INVALID_ARGUMENT for a value that is never right, NOT_FOUND for a
   *     dataset, snapshot or model that does not exist, FAILED_PRECONDITION for a dataset that
   *     cannot be learned from as it is, or not by the model that the run is to begin from
   */
  RunRequest complete(RunDraft draft) {
    tasks.requireKnown(draft.options().keySet(), draft.task());
    Long steps = draft.steps();
    if (steps == null) {
      throw MillraceException.invalid("steps", "field 'steps' is missing");
    }
    Names.require("model", required("model", draft.model()));
    Names.require("dataset", required("dataset", draft.dataset()));
    return complete(tasks.require(required("task", draft.task())), draft, steps);
  }

  private <O extends Record> RunRequest complete(Task<O> task, RunDraft draft, long steps) {
    ModelVersion base = draft.from().isEmpty() ? null : base(task, draft.from());
    Preset preset =
        base == null
            ? task.preset(required("preset", draft.preset()))
            : presetOf(task, base, draft.preset());
    inRange("steps", steps, 1, MAX_STEPS);
    inRange("batch_size", draft.batchSize(), 0, MAX_BATCH_SIZE);
    inRange("checkpoint_every", draft.checkpointEvery(), 0, steps);
    inRange("snapshot", draft.snapshot(), 0, Integer.MAX_VALUE);
    inRange("seed", draft.seed(), 0, Long.MAX_VALUE);
    if (!(draft.learningRate() >= 0 && draft.learningRate() <= 1)) {
      throw MillraceException.invalid(
          "learning_rate",
          "learning_rate must be between 0 and 1, 0 for the preset's; it is "
              + draft.learningRate());
    }
    Schedule schedule = Schedule.of(draft.schedule());
    PolicyJson policy =
        draft.policy() == null ? null : PolicyJson.of(draft.policy().policy("policy."));
    RetentionJson retention =
        draft.retention() == null ? null : RetentionJson.of(draft.retention().policy("retention."));
    O options = tasks.options(task, draft.options());
    task.requireSteps(steps, options);
    DatasetEntry dataset = registry.requireDataset(draft.dataset());
    if (base != null) {
      task.requireSuitable(new BaseModel(base, objects), dataset, options);
    } else if (preset != null) {
      task.requireSuitable(preset, dataset, options);
    }
    SnapshotEntry snapshot = snapshot(dataset, (int) draft.snapshot());
    return new RunRequest(
        draft.model(),
        task.name(),
        dataset.name(),
        snapshot.version(),
        preset == null ? "" : preset.name(),
        steps,
        draft.batchSize() == 0
            ? ofPreset("batch_size", preset).batchSize()
            : (int) draft.batchSize(),
        draft.learningRate() == 0
            ? ofPreset("learning_rate", preset).learningRate()
            : draft.learningRate(),
        schedule,
        draft.checkpointEvery(),
        draft.checkpointAtStart(),
        draft.seed(),
        base == null ? null : new ModelRef(base.model(), base.version()),
        policy,
        retention,
        tasks.byName(options));
  }

  /** Published versions that a run needs until it has ended. */
  List<VersionHolds.Numbered> needed(RunRequest request) {
    List<VersionHolds.Numbered> needed = new ArrayList<>();
    ModelRef from = request.from();
    if (from != null) {
      needed.add(new VersionHolds.Numbered(from.model(), from.version()));
    }
    needed.addAll(needed(tasks.require(request.task()), request));
    return needed;
  }

  private <O extends Record> List<VersionHolds.Numbered> needed(Task<O> task, RunRequest request) {
    return task.needed(tasks.options(task, request.options()));
  }

  private ModelVersion base(Task<?> task, String from) {
    VersionRef wanted = VersionRef.parse("from", from);
    ModelVersion base = models.require(wanted, VersionRef.Alias.LATEST);
    if (!base.task().equals(task.name())) {
      throw MillraceException.precondition(
          "model '%s' is of task %s; a run of task %s cannot begin from it"
              .formatted(wanted, base.task(), task.name()));
    }
    return base;
  }

  /** That of the run that published the model; null for a model that was imported. */
  private @Nullable Preset presetOf(Task<?> task, ModelVersion base, String given) {
    String preset = runs.findEver(base.runId()).map(run -> run.request().preset()).orElse("");
    if (!given.isEmpty() && !given.equals(preset)) {
      throw MillraceException.invalid(
          "preset",
          "model '%s@%d' %s; a run that begins from it has its shape: leave preset out"
              .formatted(
                  base.model(),
                  base.version(),
                  preset.isEmpty() ? "is of no preset" : "is of preset " + preset));
    }
    return task.presets().stream()
        .filter(one -> one.name().equals(preset))
        .findFirst()
        .orElse(null);
  }

  private static Preset ofPreset(String field, @Nullable Preset preset) {
    if (preset == null) {
      throw MillraceException.invalid(
          field, "field '%s' is missing: the model is of no preset that has one".formatted(field));
    }
    return preset;
  }

  private SnapshotEntry snapshot(DatasetEntry dataset, int version) {
    SnapshotEntry snapshot =
        registry
            .snapshots()
            .find(dataset.name(), version)
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
