package io.millrace.data.snapshot;

import io.millrace.platform.registry.SnapshotEntry;
import io.millrace.platform.registry.SnapshotEntry.Range;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A snapshot as JSON; {@code end} of a range is exclusive. */
public record SnapshotJson(
    String dataset,
    int version,
    List<Range> train,
    List<Range> heldout,
    String sha256,
    Map<String, Long> counts,
    List<String> warnings,
    Instant createdAt) {

  /** As JSON. */
  public static SnapshotJson of(SnapshotEntry snapshot) {
    return new SnapshotJson(
        snapshot.dataset(),
        snapshot.version(),
        snapshot.train(),
        snapshot.heldout(),
        snapshot.sha256(),
        new TreeMap<>(snapshot.counts()),
        snapshot.warnings(),
        snapshot.createdAt());
  }
}
