package io.millrace.data.rejected;

import io.millrace.data.log.DatasetLog;
import io.millrace.data.log.DatasetTopics;
import io.millrace.data.log.DeadLetterHeaders;
import io.millrace.data.log.RangeReader;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.Registry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;

/**
 * Appends rejected documents again, each once: the documents and the position among the dead
 * letters are committed in one Kafka transaction, and of two replays of a dataset at the same time
 * the older one is fenced.
 */
@Service
public class Replays {
  private static final Logger LOG = LoggerFactory.getLogger(Replays.class);
  private static final int BATCH = 100;
  private static final long BATCH_BYTES = 16 << 20;

  private final Registry registry;
  private final DatasetLog log;
  private final KafkaClients kafka;
  private final ReplayPositions positions;

  /** On the registry and the cluster. */
  Replays(Registry registry, DatasetLog log, KafkaClients kafka, ReplayPositions positions) {
    this.registry = registry;
    this.log = log;
    this.kafka = kafka;
    this.positions = positions;
  }

  /**
   * What a replay did.
   *
   * @param replayed documents that were appended again
   * @param gone documents whose bytes are nowhere any more
   */
  public record Replayed(long replayed, long gone) {}

  /**
   * Appends all documents again that were rejected since the last replay.
   *
   * @throws MillraceException NOT_FOUND, FAILED_PRECONDITION if another replay took over,
   *     UNAVAILABLE if Kafka fails; what was replayed before stays so
   */
  public Replayed replay(String name) {
    DatasetEntry dataset = registry.requireDataset(name);
    DatasetTopics topics = log.names(dataset);
    String client = "data-" + topics.replayGroup();
    try (RangeReader letters = new RangeReader(kafka, client + "-letters");
        RangeReader documents = new RangeReader(kafka, client + "-documents");
        Writer writer = Writer.open(kafka, client, topics.replayGroup())) {
      Producer<byte[], byte[]> producer = writer.producer;
      producer.initTransactions();
      // Only now: an older replay cannot go on behind this position.
      SortedMap<Integer, Long> begins = positions.find(dataset);
      Run run = new Run(dataset, topics, producer, writer.group, documents);
      for (int partition : log.begins(topics.deadLetters()).keySet()) {
        TopicPartition place = new TopicPartition(topics.deadLetters(), partition);
        long begin = Math.max(letters.begin(place), begins.getOrDefault(partition, 0L));
        letters.read(place, begin, letters.end(place), run::add);
        run.commit();
      }
      LOG.info("Replayed {} rejected documents of {}", run.replayed, name);
      return new Replayed(run.replayed, run.gone);
    } catch (ProducerFencedException | InvalidProducerEpochException e) {
      throw MillraceException.precondition("another replay of dataset '" + name + "' took over");
    } catch (KafkaException e) {
      throw MillraceException.unavailable("the replay ended early: " + e.getMessage());
    }
  }

  /** Forgets a dataset that is deleted. */
  public void forget(String dataset) {
    positions.forget(dataset);
  }

  /** What a replay writes with: both, or neither is left open. */
  record Writer(Producer<byte[], byte[]> producer, Consumer<byte[], byte[]> group)
      implements AutoCloseable {

    static Writer open(KafkaClients kafka, String client, String name) {
      Consumer<byte[], byte[]> group = kafka.positionedGroupConsumer(client, name);
      try {
        return new Writer(kafka.transactionalProducer(client, name), group);
      } catch (RuntimeException e) {
        close(group);
        throw e;
      }
    }

    @Override
    public void close() {
      producer.close(Duration.ZERO);
      close(group);
    }

    private static void close(Consumer<byte[], byte[]> group) {
      group.close(CloseOptions.timeout(Duration.ZERO));
    }
  }

  /** One replay: collects a batch and commits it. */
  private final class Run {
    private final DatasetEntry dataset;
    private final DatasetTopics topics;
    private final Producer<byte[], byte[]> producer;
    private final Consumer<byte[], byte[]> group;
    private final RangeReader documents;
    private final List<ProducerRecord<byte[], byte[]>> batch = new ArrayList<>();
    private @Nullable ConsumerRecord<byte[], byte[]> last;
    private long bytes;
    private long replayed;
    private long gone;

    Run(
        DatasetEntry dataset,
        DatasetTopics topics,
        Producer<byte[], byte[]> producer,
        Consumer<byte[], byte[]> group,
        RangeReader documents) {
      this.dataset = dataset;
      this.topics = topics;
      this.producer = producer;
      this.group = group;
      this.documents = documents;
    }

    boolean add(ConsumerRecord<byte[], byte[]> letter) {
      ProducerRecord<byte[], byte[]> document = document(letter);
      if (document == null) {
        LOG.warn("{}-{}@{} is gone", letter.topic(), letter.partition(), letter.offset());
        gone++;
      } else {
        batch.add(document);
        bytes += document.value() == null ? 0 : document.value().length;
      }
      last = letter;
      if (batch.size() == BATCH || bytes >= BATCH_BYTES) {
        commit();
      }
      return true;
    }

    void commit() {
      ConsumerRecord<byte[], byte[]> until = last;
      if (until == null) {
        return;
      }
      producer.beginTransaction();
      batch.forEach(producer::send);
      producer.sendOffsetsToTransaction(
          Map.of(
              new TopicPartition(until.topic(), until.partition()),
              new OffsetAndMetadata(until.offset() + 1)),
          group.groupMetadata());
      producer.commitTransaction();
      positions.keep(dataset, Map.of(until.partition(), until.offset() + 1));
      replayed += batch.size();
      batch.clear();
      bytes = 0;
      last = null;
    }

    /** The rejected record as it was sent; null if its bytes are nowhere. */
    private @Nullable ProducerRecord<byte[], byte[]> document(
        ConsumerRecord<byte[], byte[]> letter) {
      ConsumerRecord<byte[], byte[]> original = RejectedService.record(letter, topics, documents);
      if (original == null && letter.value() == null) {
        return null;
      }
      ConsumerRecord<byte[], byte[]> source = original == null ? letter : original;
      ProducerRecord<byte[], byte[]> document =
          new ProducerRecord<>(
              topics.documents(), letter.partition(), source.key(), source.value());
      for (Header header : source.headers()) {
        if (!DeadLetterHeaders.isOne(header.key())) {
          document.headers().add(header);
        }
      }
      return document;
    }
  }
}
