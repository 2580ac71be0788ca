package io.millrace.training.stream;

import io.millrace.platform.registry.SnapshotEntry.Range;
import io.millrace.training.stream.StreamPosition.LanePosition;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The ranges of one partition, one after the other.
 *
 * @param topic full name
 * @param partition of the topic
 * @param ranges by their begin, those without records left out
 */
record Lane(String topic, int partition, List<Range> ranges) {

  Lane {
    ranges = List.copyOf(ranges);
  }

  /** The lanes of some ranges, by topic and partition. */
  static List<Lane> of(List<Range> ranges) {
    Map<String, Map<Integer, List<Range>>> lanes =
        ranges.stream()
            .filter(range -> range.records() > 0)
            .sorted(Comparator.comparingLong(Range::begin))
            .collect(
                Collectors.groupingBy(
                    Range::topic,
                    TreeMap::new,
                    Collectors.groupingBy(Range::partition, TreeMap::new, Collectors.toList())));
    List<Lane> sorted = new ArrayList<>();
    lanes.forEach((topic, partitions) ->
        partitions.forEach((partition, own) -> sorted.add(new Lane(topic, partition, own))));
    return sorted;
  }

  /** Its beginning. */
  LanePosition start() {
    return new LanePosition(
        topic, partition, 0, ranges.getFirst().begin(), /* read= */ 0, /* sequenceNumber= */ -1);
  }

  /** Where it resumes after a record of the current range was read. */
  LanePosition after(LanePosition position, long offset, long sequenceNumber) {
    Range range = ranges.get(position.range());
    long read = position.read() + 1;
    if (read < range.records()) {
      return new LanePosition(topic, partition, position.range(), offset + 1, read, sequenceNumber);
    }
    int next = position.range() + 1;
    long begin = next < ranges.size() ? ranges.get(next).begin() : range.end();
    return new LanePosition(topic, partition, next, begin, 0, -1);
  }

  /** Whether all its records have been read in this epoch. */
  boolean isDone(LanePosition position) {
    return position.range() == ranges.size();
  }

  @Override
  public String toString() {
    return topic + "-" + partition;
  }
}
