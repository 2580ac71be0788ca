package io.millrace.training.run;

import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.policy.PolicyJson;
import io.millrace.platform.policy.RetentionJson;
import io.millrace.platform.registry.LineageEntry;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.registry.SnapshotEntry;
import io.millrace.platform.registry.VersionHolds;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
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
  private final RunCurves curves;
  private final RunLog log;
  private final Supplier<UUID> ids;

  RunService(
      RunStore store,
      RunValidator validator,
      RunEvents events,
      RunDatasets datasets,
      ModelRegistry registry,
      RunCurves curves,
      RunLog log,
      Supplier<UUID> runIds) {
    this.store = store;
    this.validator = validator;
    this.events = events;
    this.datasets = datasets;
    this.registry = registry;
    this.curves = curves;
    this.log = log;
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
    List<VersionHolds.Numbered> needed = validator.needed(request);
    lockModels(request, needed);
    needed.forEach(one -> registry.require(one.model(), one.version()));
    requireSameTask(request);
    if (!draft.replace() && request.from() == null) {
      requireNewModel(request.model());
    }
    SnapshotEntry snapshot = datasets.snapshot(request);
    Run run = store.create(ids.get().toString(), request, snapshot.warnings());
    datasets.use(run, snapshot);
    registry.holds().use(run.id(), needed);
    bringRules(run);
    log.add(
        run.id(),
        "asked for: %d steps from snapshot %s/%d"
            .formatted(request.steps(), request.dataset(), request.snapshot()));
    run.warnings().forEach(warning -> log.add(run.id(), "warning: " + warning));
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
    return changed(run, RunEvent.REQUEST_CANCEL, "somebody cancels it");
  }

  /**
   * Pauses a run: one that waits at once, one that runs after its current step and a checkpoint of
   * what it has learned.
   *
   * @throws MillraceException NOT_FOUND, or FAILED_PRECONDITION if it is finished or cancelled
   */
  @Transactional
  Run pause(String id) {
    Run run = store.lock(id);
    if (run.state() == RunState.PAUSED || run.pauseRequested()) {
      return run;
    }
    requireUnfinished(run);
    return changed(run, RunEvent.REQUEST_PAUSE, "somebody pauses it");
  }

  /**
   * Lets a run go on that is paused, or is to be: it waits for a trainer again.
   *
   * @throws MillraceException NOT_FOUND, or FAILED_PRECONDITION if it is finished or cancelled
   */
  @Transactional
  Run resume(String id) {
    Run run = store.lock(id);
    requireUnfinished(run);
    return run.state() == RunState.PAUSED || run.pauseRequested()
        ? changed(run, RunEvent.RESUME, "somebody resumes it")
        : run;
  }

  /**
   * Deletes a run that is finished, with its curve, its log and its own rules. The versions that it
   * published stay, and are kept as their model says.
   *
   * @throws MillraceException NOT_FOUND, or FAILED_PRECONDITION if it is not finished
   */
  @Transactional
  void delete(String id) {
    Run run = store.lock(id);
    if (!run.state().isFinal()) {
      throw MillraceException.precondition(
          "run '%s' is %s; cancel it first".formatted(id, run.state().label()));
    }
    store.delete(run);
    curves.delete(id);
    log.delete(id);
    registry.runRules().forget(id);
    events.deleted(run);
  }

  private void bringRules(Run run) {
    PolicyJson policy = run.request().policy();
    RetentionJson retention = run.request().retention();
    registry
        .runRules()
        .add(
            run.id(),
            run.request().model(),
            policy == null ? null : policy.policy("policy."),
            retention == null ? null : retention.policy("retention."));
  }

  private Run changed(Run locked, RunEvent event, String line) {
    Run changed = store.apply(locked, event, "");
    datasets.changed(changed);
    log.add(changed.id(), "%s; it is %s".formatted(line, changed.state().label()));
    events.changed(changed);
    return changed;
  }

  private static void requireUnfinished(Run run) {
    if (run.state().isFinal() || run.cancelRequested()) {
      throw MillraceException.precondition(
          "run '%s' %s"
              .formatted(
                  run.id(),
                  run.state().isFinal()
                      ? "has %s already".formatted(run.state().label())
                      : "is being cancelled"));
    }
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
   * Some runs.
   *
   * @param runs newest first
   * @param nextCursor what the next page is asked for with; empty: this is the last
   */
  record Page(List<Run> runs, String nextCursor) {}

  /**
   * Runs that pass a filter.
   *
   * @throws MillraceException INVALID_ARGUMENT if the cursor is none
   */
  Page list(RunFilter filter) {
    if (!filter.cursor().isEmpty() && store.findEver(filter.cursor()).isEmpty()) {
      throw MillraceException.invalid(
          "cursor", "cursor is not one that was answered: '%s'".formatted(filter.cursor()));
    }
    List<Run> runs = store.list(filter);
    boolean more = runs.size() > filter.limit();
    List<Run> shown = more ? runs.subList(0, filter.limit()) : runs;
    return new Page(shown, more ? shown.getLast().id() : "");
  }

  /** Nobody deletes them meanwhile; in the order of their names, so that nobody waits for ever. */
  private void lockModels(RunRequest request, List<VersionHolds.Numbered> needed) {
    Set<String> models = new TreeSet<>(Set.of(request.model()));
    needed.forEach(one -> models.add(one.model()));
    models.forEach(registry::lockModel);
  }

  /**
   * A run takes the place of a model from its first checkpoint on, which nobody asked for by
   * chance.
   */
  private void requireNewModel(String model) {
    String taken = registry.taken(model).orElse("");
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
