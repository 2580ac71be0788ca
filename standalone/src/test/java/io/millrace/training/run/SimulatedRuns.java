package io.millrace.training.run;

import io.millrace.platform.registry.SnapshotEntry;
import java.util.List;

/** Adds runs without a request over the network. */
public final class SimulatedRuns {
  private SimulatedRuns() {}

  /** Adds a run in the caller's transaction. */
  public static void create(
      RunStore store,
      RunDatasets datasets,
      RunEvents events,
      String id,
      RunRequest request,
      SnapshotEntry snapshot) {
    Run run = store.create(id, request, List.of());
    datasets.use(run, snapshot);
    events.changed(run);
  }
}
