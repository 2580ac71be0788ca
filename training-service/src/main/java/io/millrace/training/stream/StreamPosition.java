package io.millrace.training.stream;

import io.millrace.platform.registry.SnapshotEntry;
import java.util.List;

/**
 * Where a stream resumes; part of every checkpoint.
 *
 * @param epoch how often all records have been read, from 0
 * @param turn index of the lane whose record is next
 * @param lanes one for each partition, in the order of topic and partition
 */
public record StreamPosition(long epoch, int turn, List<LanePosition> lanes) {
  /** Copies the lanes. */
  public StreamPosition {
    lanes = List.copyOf(lanes);
  }

  /** The beginning of a snapshot's ranges. */
  public static StreamPosition start(List<SnapshotEntry.Range> ranges) {
    return new StreamPosition(0, 0, Lane.of(ranges).stream().map(Lane::start).toList());
  }

  /**
   * Where a partition resumes.
   *
   * @param topic full name
   * @param partition of the topic
   * @param range index of the range that is being read; after the last one: their number
   * @param offset of the next record, or one before it that holds none
   * @param read records of that range that have been read
   * @param sequenceNumber of the next record; -1: any, because a range begins
   */
  public record LanePosition(
      String topic, int partition, int range, long offset, long read, long sequenceNumber) {}
}
