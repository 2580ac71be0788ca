package io.millrace.training.run;

import io.millrace.platform.registry.LineageEntry;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a run learned from, as REST clients see it.
 *
 * @param run its id
 * @param model that its checkpoints are versions of
 * @param from published model that it began from; null: fresh weights
 * @param dataset its name
 * @param snapshot of the dataset
 * @param snapshotSha256 digest of the snapshot
 * @param counts what the snapshot holds by name
 * @param sealedAt when the snapshot was sealed
 * @param datasetDeletedAt when the dataset was deleted; null: it was not
 */
record LineageView(
    String run,
    String model,
    @Nullable ModelRef from,
    String dataset,
    int snapshot,
    String snapshotSha256,
    Map<String, Long> counts,
    Instant sealedAt,
    @Nullable Instant datasetDeletedAt) {

  static LineageView of(Run run, LineageEntry entry) {
    return new LineageView(
        run.id(),
        entry.model(),
        run.request().from(),
        entry.dataset(),
        entry.snapshot(),
        entry.snapshotSha256(),
        entry.counts(),
        entry.sealedAt(),
        entry.datasetDeletedAt());
  }
}
