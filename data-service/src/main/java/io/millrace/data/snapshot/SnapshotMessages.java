package io.millrace.data.snapshot;

import com.google.protobuf.Timestamp;
import io.millrace.contracts.data.v1.DatasetCounts;
import io.millrace.contracts.data.v1.OffsetRange;
import io.millrace.contracts.data.v1.Snapshot;
import io.millrace.data.log.Counts;
import io.millrace.platform.registry.SnapshotEntry;
import io.millrace.platform.registry.SnapshotEntry.Range;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Snapshots as protobuf messages. */
public final class SnapshotMessages {

  private SnapshotMessages() {}

  /**
   * The counts that a snapshot keeps, by name; records are those in its ranges.
   *
   * @param replaced documents that it leaves out
   */
  static Map<String, Long> counts(
      Counts counts, List<Range> train, List<Range> heldout, long replaced) {
    return Map.of(
        "documents", counts.documents(),
        "prepared", counts.tally().prepared(),
        "rejected", counts.tally().rejected(),
        "tokens", counts.tally().tokens(),
        "packed_tokens", counts.tally().packedTokens(),
        "sequences", records(train),
        "heldout_sequences", records(heldout),
        "boxes", counts.tally().boxes(),
        "replaced", replaced);
  }

  /** A snapshot as a message. */
  public static Snapshot message(SnapshotEntry snapshot) {
    Map<String, Long> counts = snapshot.counts();
    return Snapshot.newBuilder()
        .setDataset(snapshot.dataset())
        .setVersion(snapshot.version())
        .addAllTrain(snapshot.train().stream().map(SnapshotMessages::message).toList())
        .addAllHeldout(snapshot.heldout().stream().map(SnapshotMessages::message).toList())
        .setSha256(snapshot.sha256())
        .addAllWarnings(snapshot.warnings())
        .setCreatedAt(timestamp(snapshot.createdAt()))
        .setCounts(
            DatasetCounts.newBuilder()
                .setDocuments(counts.getOrDefault("documents", 0L))
                .setPrepared(counts.getOrDefault("prepared", 0L))
                .setRejected(counts.getOrDefault("rejected", 0L))
                .setTokens(counts.getOrDefault("tokens", 0L))
                .setPackedTokens(counts.getOrDefault("packed_tokens", 0L))
                .setSequences(counts.getOrDefault("sequences", 0L))
                .setHeldoutSequences(counts.getOrDefault("heldout_sequences", 0L))
                .setBoxes(counts.getOrDefault("boxes", 0L))
                .setReplaced(counts.getOrDefault("replaced", 0L)))
        .build();
  }

  /** An instant as a message. */
  public static Timestamp timestamp(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }

  private static long records(List<Range> ranges) {
    return ranges.stream().mapToLong(Range::records).sum();
  }

  private static OffsetRange message(Range range) {
    return OffsetRange.newBuilder()
        .setTopic(range.topic())
        .setPartition(range.partition())
        .setBegin(range.begin())
        .setEnd(range.end())
        .setRecords(range.records())
        .build();
  }
}
