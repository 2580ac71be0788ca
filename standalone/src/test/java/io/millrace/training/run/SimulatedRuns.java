package io.millrace.training.run;

import io.millrace.platform.policy.PolicyJson;
import io.millrace.platform.policy.RetentionJson;
import io.millrace.platform.registry.RunRules;
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
      RunRules rules,
      String id,
      RunRequest request,
      SnapshotEntry snapshot) {
    Run run = store.create(id, request, List.of());
    datasets.use(run, snapshot);
    PolicyJson policy = request.policy();
    RetentionJson retention = request.retention();
    rules.add(
        id,
        request.model(),
        policy == null ? null : policy.policy(""),
        retention == null ? null : retention.policy(""));
    events.changed(run);
  }
}
