package io.millrace.simulation;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;

/** A consumer of the simulated cluster that was assigned its partitions. */
public final class SimulatedConsumer {
  private static final Duration EMPTY = Duration.ofNanos(50_000);

  private final SimulatedKafka kafka;
  private final String group;
  private final Map<TopicPartition, Long> positions = new LinkedHashMap<>();
  private final Set<TopicPartition> paused = new HashSet<>();
  private final AtomicBoolean woken = new AtomicBoolean();

  SimulatedConsumer(SimulatedKafka kafka, String group) {
    this.kafka = kafka;
    this.group = group;
  }

  /** As Kafka's. */
  public void assign(Collection<TopicPartition> places) {
    positions.keySet().retainAll(Set.copyOf(places));
    places.forEach(place -> positions.putIfAbsent(place, 0L));
  }

  /** As Kafka's. */
  public void seek(TopicPartition place, long offset) {
    positions.put(place, offset);
  }

  /** As Kafka's, but does not wait for what is not there yet. */
  public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
    if (woken.getAndSet(false)) {
      throw new WakeupException();
    }
    Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> records = new HashMap<>();
    for (Map.Entry<TopicPartition, Long> each : positions.entrySet()) {
      if (!paused.contains(each.getKey())) {
        SimulatedKafka.Read read = kafka.read(each.getKey(), each.getValue());
        each.setValue(read.next());
        if (!read.records().isEmpty()) {
          records.put(each.getKey(), read.records());
        }
      }
    }
    if (records.isEmpty()) {
      LockSupport.parkNanos(Math.min(EMPTY.toNanos(), timeout.toNanos()));
    }
    return new ConsumerRecords<>(records, Map.of());
  }

  /** As Kafka's. */
  public long position(TopicPartition place) {
    return Objects.requireNonNull(positions.get(place));
  }

  /** As Kafka's. */
  public Map<TopicPartition, OffsetAndMetadata> committed(Set<TopicPartition> places) {
    Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>(kafka.committed(group));
    committed.keySet().retainAll(places);
    return committed;
  }

  /** As Kafka's: nothing is ever deleted. */
  public Map<TopicPartition, Long> beginningOffsets(Collection<TopicPartition> places) {
    Map<TopicPartition, Long> begins = new HashMap<>();
    places.forEach(place -> begins.put(place, 0L));
    return begins;
  }

  /** As Kafka's. */
  public Map<TopicPartition, Long> endOffsets(Collection<TopicPartition> places) {
    Map<TopicPartition, Long> ends = new HashMap<>();
    places.forEach(place -> ends.put(place, kafka.end(place)));
    return ends;
  }

  /** As Kafka's. */
  public void pause(Collection<TopicPartition> places) {
    paused.addAll(places);
  }

  /** As Kafka's. */
  public void resume(Collection<TopicPartition> places) {
    paused.removeAll(places);
  }

  /** As Kafka's. */
  @SuppressWarnings("removal") // Kafka 5 makes an interface of it; there is no other way before.
  public ConsumerGroupMetadata groupMetadata() {
    return new ConsumerGroupMetadata(group);
  }

  /** As Kafka's. */
  public void wakeup() {
    woken.set(true);
  }

  /** As Kafka's. */
  public void close() {}

  /** As Kafka's. */
  public void close(CloseOptions options) {}
}
