package io.millrace.platform.registry;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a run learns or learned from; stays when the dataset is deleted.
 *
 * @param runId whose
 * @param model that the run's checkpoints are versions of
 * @param dataset its name
 * @param snapshot of the dataset
 * @param snapshotSha256 digest of the snapshot
 * @param counts what the snapshot holds by name: documents, tokens, sequences, ...
 * @param sealedAt when the snapshot was sealed
 * @param datasetDeletedAt when the dataset was deleted; null: it was not
 */
public record LineageEntry(
    String runId,
    String model,
    String dataset,
    int snapshot,
    String snapshotSha256,
    Map<String, Long> counts,
    Instant sealedAt,
    @Nullable Instant datasetDeletedAt) {

  /** Copies the counts. */
  public LineageEntry {
    counts = Map.copyOf(counts);
  }

  /** Of a run that begins to use a snapshot. */
  public static LineageEntry of(String runId, String model, SnapshotEntry snapshot) {
    return new LineageEntry(
        runId,
        model,
        snapshot.dataset(),
        snapshot.version(),
        snapshot.sha256(),
        snapshot.counts(),
        snapshot.createdAt(),
        /* datasetDeletedAt= */ null);
  }
}
