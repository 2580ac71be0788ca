package io.millrace.training.run;

import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.Lineage;
import io.millrace.platform.registry.LineageEntry;
import io.millrace.platform.registry.Registry;
import io.millrace.platform.registry.SnapshotEntry;
import org.springframework.stereotype.Component;

/** Tells the platform which datasets runs need, and runs whether theirs is still there. */
@Component
public class RunDatasets {
  private final Lineage lineage;
  private final Registry registry;

  RunDatasets(Lineage lineage, Registry registry) {
    this.lineage = lineage;
    this.registry = registry;
  }

  /**
   * What a run is to learn from.
   *
   * @throws MillraceException NOT_FOUND
   */
  SnapshotEntry snapshot(RunRequest request) {
    return registry
        .snapshots()
        .find(request.dataset(), request.snapshot())
        .orElseThrow(() ->
            MillraceException.notFound("snapshot", request.dataset() + "/" + request.snapshot()));
  }

  /** A run of a snapshot was created, in the caller's transaction. */
  void use(Run run, SnapshotEntry snapshot) {
    lineage.use(LineageEntry.of(run.id(), run.request().model(), snapshot));
  }

  /** A run is as it is now, in the caller's transaction. */
  public void changed(Run run) {
    if (run.state().isFinal()) {
      lineage.release(run.id());
    }
  }

  /**
   * What a run learns or learned from.
   *
   * @throws MillraceException NOT_FOUND if the run's snapshot was deleted before anybody wrote that
   *     down
   */
  LineageEntry of(Run run) {
    return lineage
        .find(run.id())
        .orElseThrow(() -> MillraceException.notFound("lineage of run", run.id()));
  }

  /** Whether somebody deleted the dataset although the run needs it. */
  public boolean isGone(String runId) {
    return lineage.find(runId).map(entry -> entry.datasetDeletedAt() != null).orElse(false);
  }
}
