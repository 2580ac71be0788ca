package io.millrace.simulation;

import io.millrace.platform.kafka.KafkaTransport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/**
 * A cluster in memory with what exactness rests on: transactions whose markers take offsets,
 * readers that see committed records up to the first open transaction, producers that fence those
 * before them. It loses nothing, and no client of it notices that another one has died.
 */
final class SimulatedKafka implements KafkaTransport {
  private final Map<String, Integer> partitions = new HashMap<>();
  private final Map<TopicPartition, List<Entry>> logs = new HashMap<>();
  private final Map<String, Map<TopicPartition, OffsetAndMetadata>> groups = new HashMap<>();
  private final Map<String, Integer> epochs = new HashMap<>();
  private final Map<String, Transaction> open = new HashMap<>();

  /** What became of a transaction. */
  enum Outcome {
    OPEN,
    COMMITTED,
    ABORTED
  }

  /** What one transaction has written. */
  static final class Transaction {
    private final Set<TopicPartition> written = new HashSet<>();
    private final Map<String, Map<TopicPartition, OffsetAndMetadata>> offsets = new HashMap<>();
    private Outcome outcome = Outcome.OPEN;
  }

  /**
   * One offset.
   *
   * @param record null: a marker
   * @param transaction null: none
   */
  private record Entry(
      @Nullable ConsumerRecord<byte[], byte[]> record, @Nullable Transaction transaction) {}

  /** What a reader gets. */
  record Read(List<ConsumerRecord<byte[], byte[]>> records, long next) {}

  @Override
  public Producer<byte[], byte[]> producer(Map<String, Object> settings) {
    Object id = settings.get(ProducerConfig.TRANSACTIONAL_ID_CONFIG);
    return Partly.implemented(
        Producer.class, new SimulatedProducer(this, id == null ? null : id.toString()));
  }

  @Override
  public Consumer<byte[], byte[]> consumer(Map<String, Object> settings) {
    Object group = settings.get(ConsumerConfig.GROUP_ID_CONFIG);
    return Partly.implemented(
        Consumer.class, new SimulatedConsumer(this, group == null ? "" : group.toString()));
  }

  @Override
  public Admin admin(Map<String, Object> settings) {
    return Partly.implemented(Admin.class, new SimulatedAdmin(this));
  }

  /** Makes a topic; those that nobody made have one partition. */
  synchronized void make(String topic, int number) {
    partitions.put(topic, number);
  }

  synchronized int partitions(String topic) {
    return partitions.getOrDefault(topic, 1);
  }

  /** Forgets all topics, groups and producers. */
  synchronized void clear() {
    partitions.clear();
    logs.clear();
    groups.clear();
    epochs.clear();
    open.clear();
  }

  /** Fences earlier producers of that id and aborts what they left open; the new epoch. */
  synchronized int begin(String transactionalId) {
    Transaction left = open.remove(transactionalId);
    if (left != null) {
      end(left, Outcome.ABORTED);
    }
    return epochs.merge(transactionalId, 1, Integer::sum);
  }

  synchronized Transaction beginTransaction(String transactionalId, int epoch) {
    requireNewest(transactionalId, epoch);
    Transaction begun = new Transaction();
    open.put(transactionalId, begun);
    return begun;
  }

  synchronized void endTransaction(
      String transactionalId, int epoch, Transaction transaction, Outcome outcome) {
    requireNewest(transactionalId, epoch);
    open.remove(transactionalId);
    end(transaction, outcome);
  }

  synchronized void requireNewest(String transactionalId, int epoch) {
    if (epochs.getOrDefault(transactionalId, 0) != epoch) {
      throw new ProducerFencedException(transactionalId + " has a newer producer");
    }
  }

  private void end(Transaction transaction, Outcome outcome) {
    transaction.outcome = outcome;
    transaction.written.forEach(place -> log(place).add(new Entry(null, transaction)));
    if (outcome == Outcome.COMMITTED) {
      transaction.offsets.forEach(
          (group, offsets) -> groups.computeIfAbsent(group, _ -> new HashMap<>()).putAll(offsets));
    }
  }

  synchronized long append(ProducerRecord<byte[], byte[]> sent, @Nullable Transaction transaction) {
    int partition =
        sent.partition() == null
            ? Math.floorMod(java.util.Arrays.hashCode(sent.key()), partitions(sent.topic()))
            : sent.partition();
    TopicPartition place = new TopicPartition(sent.topic(), partition);
    List<Entry> log = log(place);
    long offset = log.size();
    log.add(
        new Entry(
            new ConsumerRecord<>(
                sent.topic(),
                partition,
                offset,
                0,
                TimestampType.CREATE_TIME,
                sent.key() == null ? -1 : sent.key().length,
                sent.value() == null ? -1 : sent.value().length,
                sent.key(),
                sent.value(),
                sent.headers(),
                Optional.empty()),
            transaction));
    if (transaction != null) {
      transaction.written.add(place);
    }
    return offset;
  }

  synchronized void addOffsets(
      Transaction transaction, String group, Map<TopicPartition, OffsetAndMetadata> offsets) {
    transaction.offsets.computeIfAbsent(group, _ -> new HashMap<>()).putAll(offsets);
  }

  synchronized Map<TopicPartition, OffsetAndMetadata> committed(String group) {
    return Map.copyOf(groups.getOrDefault(group, Map.of()));
  }

  /** The offset up to which readers see. */
  synchronized long end(TopicPartition place) {
    List<Entry> log = log(place);
    for (int i = 0; i < log.size(); i++) {
      Transaction transaction = log.get(i).transaction;
      if (transaction != null && transaction.outcome == Outcome.OPEN) {
        return i;
      }
    }
    return log.size();
  }

  synchronized Read read(TopicPartition place, long from) {
    long end = end(place);
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (Entry entry : log(place).subList((int) Math.min(from, end), (int) end)) {
      boolean committed =
          entry.transaction == null || entry.transaction.outcome == Outcome.COMMITTED;
      if (entry.record != null && committed) {
        records.add(entry.record);
      }
    }
    return new Read(records, Math.max(from, end));
  }

  private List<Entry> log(TopicPartition place) {
    return logs.computeIfAbsent(place, _ -> new ArrayList<>());
  }
}
