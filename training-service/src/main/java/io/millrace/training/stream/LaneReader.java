package io.millrace.training.stream;

import io.millrace.platform.registry.SnapshotEntry.Range;
import io.millrace.training.stream.StreamPosition.LanePosition;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** Fetches one lane round and round, some records ahead of who takes them. */
final class LaneReader {
  private final Lane lane;
  private final TopicPartition partition;
  private final Consumer<byte[], byte[]> consumer;
  private final int ahead;
  private final Deque<ConsumerRecord<byte[], byte[]>> fetched = new ArrayDeque<>();
  private int range;
  private long count;
  private boolean paused;

  LaneReader(Lane lane, LanePosition start, Consumer<byte[], byte[]> consumer, int ahead) {
    this.lane = lane;
    this.partition = new TopicPartition(lane.topic(), lane.partition());
    this.consumer = consumer;
    this.ahead = ahead;
    boolean done = lane.isDone(start);
    this.range = done ? 0 : start.range();
    this.count = done ? 0 : start.read();
    consumer.seek(partition, done ? current().begin() : start.offset());
  }

  TopicPartition partition() {
    return partition;
  }

  /** The next record, if it has been fetched. */
  boolean hasNext() {
    return !fetched.isEmpty();
  }

  ConsumerRecord<byte[], byte[]> next() {
    ConsumerRecord<byte[], byte[]> record = fetched.remove();
    if (paused && fetched.size() <= ahead / 2) {
      consumer.resume(List.of(partition));
      paused = false;
    }
    return record;
  }

  /** Keeps what a poll brought, up to the end of the range, and then turns to the next one. */
  void add(List<ConsumerRecord<byte[], byte[]>> records) {
    for (ConsumerRecord<byte[], byte[]> record : records) {
      requireInRange(record.offset());
      fetched.add(record);
      count++;
      if (count == current().records()) {
        range = (range + 1) % lane.ranges().size();
        count = 0;
        consumer.seek(partition, current().begin());
        break;
      }
    }
    if (!paused && fetched.size() >= ahead) {
      consumer.pause(List.of(partition));
      paused = true;
    }
  }

  /**
   * To be called when there is nothing to fetch.
   *
   * @throws StreamException if that is because the range holds fewer records than the snapshot says
   */
  void requireMore() {
    requireInRange(consumer.position(partition));
  }

  private void requireInRange(long offset) {
    if (offset >= current().end()) {
      throw new StreamException(
          "%s has %d records between offsets %d and %d, the snapshot counted %d: the topic was changed"
              .formatted(
                  partition, count, current().begin(), current().end(), current().records()));
    }
  }

  private Range current() {
    return lane.ranges().get(range);
  }
}
