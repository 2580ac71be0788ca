package io.millrace.training.run;

import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.name.Names;
import io.millrace.platform.registry.LineageEntry;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.registry.SnapshotEntry;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** What clients can do with runs. */
@Service
class RunService {
  private final RunStore store;
  private final RunValidator validator;
  private final RunEvents events;
  private final RunDatasets datasets;
  private final ModelRegistry registry;
  private final Supplier<UUID> ids;

  RunService(
      RunStore store,
      RunValidator validator,
      RunEvents events,
      RunDatasets datasets,
      ModelRegistry registry,
      Supplier<UUID> runIds) {
    this.store = store;
    this.validator = validator;
    this.events = events;
    this.datasets = datasets;
    this.registry = registry;
    this.ids = runIds;
  }

  /**
   * Queues a run.
   *
   * @throws MillraceException see {@link RunValidator#complete}; FAILED_PRECONDITION if the model
   *     belongs to another task, ALREADY_EXISTS if there is one and the client does not say that it
   *     knows
   */
  @Transactional
  Run create(RunDraft draft) {
    RunRequest request = validator.complete(draft);
    store.lockModel(request.model());
    requireSameTask(request);
    if (!draft.replace() && request.from() == null) {
      requireNewModel(request.model());
    }
    SnapshotEntry snapshot = datasets.snapshot(request);
    Run run = store.create(ids.get().toString(), request, snapshot.warnings());
    datasets.use(run, snapshot);
    events.changed(run);
    return run;
  }

  /**
   * Cancels a run: one that waits at once, one that runs after its current step. It publishes
   * nothing more, from now on.
   *
   * @throws MillraceException NOT_FOUND, or FAILED_PRECONDITION if it is finished otherwise
   */
  @Transactional
  Run cancel(String id) {
    Run run = store.lock(id);
    if (run.state() == RunState.CANCELLED || run.cancelRequested()) {
      return run;
    }
    if (run.state().isFinal()) {
      throw MillraceException.precondition(
          "run '%s' has %s already".formatted(id, run.state().label()));
    }
    Run changed = store.apply(run, RunEvent.REQUEST_CANCEL, "");
    datasets.changed(changed);
    events.changed(changed);
    return changed;
  }

  /**
   * A run.
   *
   * @throws MillraceException NOT_FOUND
   */
  Run get(String id) {
    return store.require(id);
  }

  /**
   * What a run learns or learned from, also after its dataset was deleted.
   *
   * @throws MillraceException NOT_FOUND
   */
  LineageEntry lineage(String id) {
    return datasets.of(store.require(id));
  }

  /** Why a run waits; null if it does not. */
  @Nullable Waiting waiting(Run run) {
    return run.state() == RunState.QUEUED ? store.waiting(run) : null;
  }

  /**
   * Runs, newest first.
   *
   * @param model whose; empty: all
   */
  List<Run> list(String model) {
    if (!model.isEmpty()) {
      Names.require("model", model);
    }
    return store.list(model);
  }

  /**
   * A run takes the place of a model from its first checkpoint on, which nobody asked for by
   * chance.
   */
  private void requireNewModel(String model) {
    String taken =
        registry
            .latestModel(model)
            .map(version -> "has version %d".formatted(version.version()))
            .or(() ->
                store
                    .unfinishedOf(model)
                    .map(run -> "is being learned by run '%s'".formatted(run.id())))
            .orElse("");
    if (!taken.isEmpty()) {
      throw new MillraceException(
          ErrorCode.ALREADY_EXISTS,
          """
          model '%s' %s already: choose another name, send "replace": true to let this run's \
          checkpoints take its place, or "from": "%s" to learn on from it\
          """
              .formatted(model, taken, model));
    }
  }

  private void requireSameTask(RunRequest request) {
    String published =
        registry.latestModel(request.model()).map(ModelVersion::task).orElse(request.task());
    if (!published.equals(request.task())
        || store.isModelInUseByAnotherTask(request.model(), request.task())) {
      throw MillraceException.precondition(
          "model '%s' is of another task than %s; choose another name"
              .formatted(request.model(), request.task()));
    }
  }
}
