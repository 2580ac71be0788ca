package io.millrace.simulation;

import io.millrace.simulation.SimulatedKafka.Outcome;
import io.millrace.simulation.SimulatedKafka.Transaction;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** A producer of the simulated cluster; closing it leaves its transaction open, as dying does. */
public final class SimulatedProducer {
  private final SimulatedKafka kafka;
  private final @Nullable String id;
  private int epoch;
  private @Nullable Transaction transaction;

  SimulatedProducer(SimulatedKafka kafka, @Nullable String id) {
    this.kafka = kafka;
    this.id = id;
  }

  /** As Kafka's. */
  public void initTransactions() {
    epoch = kafka.begin(id());
  }

  /** As Kafka's. */
  public void beginTransaction() {
    transaction = kafka.beginTransaction(id(), epoch);
  }

  /** As Kafka's, acknowledged at once. */
  public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> sent) {
    if (id != null) {
      kafka.requireNewest(id, epoch);
    }
    long offset = kafka.append(sent, transaction);
    return CompletableFuture.completedFuture(
        new RecordMetadata(
            new TopicPartition(sent.topic(), Objects.requireNonNullElse(sent.partition(), 0)),
            offset,
            0,
            0,
            0,
            0));
  }

  /** Nothing waits. */
  public void flush() {}

  /** As Kafka's. */
  public void sendOffsetsToTransaction(
      Map<TopicPartition, OffsetAndMetadata> offsets, ConsumerGroupMetadata group) {
    kafka.requireNewest(id(), epoch);
    kafka.addOffsets(open(), group.groupId(), offsets);
  }

  /** As Kafka's. */
  public void commitTransaction() {
    end(Outcome.COMMITTED);
  }

  /** As Kafka's. */
  public void abortTransaction() {
    end(Outcome.ABORTED);
  }

  /** As Kafka's. */
  public void close() {}

  /** As Kafka's. */
  public void close(Duration timeout) {}

  private void end(Outcome outcome) {
    kafka.endTransaction(id(), epoch, open(), outcome);
    transaction = null;
  }

  private Transaction open() {
    return Objects.requireNonNull(transaction, "no transaction");
  }

  private String id() {
    return Objects.requireNonNull(id, "not transactional");
  }
}
