package io.millrace.platform.event;

import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.kafka.TopicSpec;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads all partitions of a topic on a thread of its own, from the beginning or from the end, and
 * sets aside a record that cannot be handled: it goes to {@code <topic>.dlt} and reading goes on.
 *
 * <p>There is no consumer group and no committed position: every reader sees every event, and one
 * that starts from the beginning sees them again after a restart. Handlers are therefore
 * idempotent. Partitions are read in order; there is no order between them.
 *
 * <p>A handler's failure is tried again {@value #ATTEMPTS} times in all before the record is set
 * aside; a {@link MalformedEventException} sets it aside at once. The dead letter is acknowledged
 * by Kafka before the next record is handled. As long as it cannot be written, the reader stays
 * where it is, tries again and reports why by {@link #failure()}.
 */
public final class EventReader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventReader.class);
  private static final int ATTEMPTS = 4;
  private static final Duration FIRST_RETRY = Duration.ofMillis(100);
  private static final Duration LAST_RETRY = Duration.ofSeconds(10);
  private static final Duration RETRY_READING = Duration.ofSeconds(1);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PROBE_EVERY = Duration.ofSeconds(3);

  private final String name;
  private final String topic;
  private final Start start;
  private final KafkaClients kafka;
  private final EventCodec codec;
  private final EventHandler handler;
  private final DeadLetters deadLetters;
  private final Consumer<byte[], byte[]> consumer;
  private final CountDownLatch caughtUp = new CountDownLatch(1);
  private final Map<TopicPartition, Long> untilCaughtUp = new HashMap<>();
  private final Thread thread;
  private volatile boolean closed;
  private volatile @Nullable String failure;
  private long heardOfBrokers = System.nanoTime();

  /** Where a reader begins. */
  public enum Start {
    /** With the oldest record there is. */
    BEGINNING,
    /** With the first record written after the reader started. */
    END
  }

  private EventReader(
      KafkaClients kafka,
      EventCodec codec,
      String name,
      String topic,
      Start start,
      EventHandler handler,
      Consumer<byte[], byte[]> consumer,
      Producer<byte[], byte[]> letters) {
    this.name = name;
    this.topic = topic;
    this.start = start;
    this.kafka = kafka;
    this.codec = codec;
    this.handler = handler;
    this.deadLetters = new DeadLetters(name, letters);
    this.consumer = consumer;
    this.thread = Thread.ofVirtual().name(name).unstarted(this::run);
  }

  /**
   * Starts reading a topic that exists. On return the starting position is fixed: with {@link
   * Start#END}, whatever is written from now on is read.
   *
   * @param name of the reader, for its thread, its client and its dead letters
   */
  public static EventReader start(
      KafkaClients kafka,
      EventCodec codec,
      String name,
      String topic,
      Start start,
      EventHandler handler) {
    kafka.ensureTopic(TopicSpec.compacted(DeadLetters.topic(topic), 1));
    Consumer<byte[], byte[]> consumer = kafka.consumer(name);
    Producer<byte[], byte[]> letters = null;
    try {
      letters = kafka.producer(name + "-dead-letters");
      EventReader reader =
          new EventReader(kafka, codec, name, topic, start, handler, consumer, letters);
      reader.position();
      reader.thread.start();
      return reader;
    } catch (RuntimeException e) {
      close(consumer);
      if (letters != null) {
        letters.close(Duration.ZERO);
      }
      throw e;
    }
  }

  /**
   * Waits until everything that was in the topic when the reader started has been handled.
   *
   * @return false if the time was over first
   */
  public boolean awaitCaughtUp(Duration time) throws InterruptedException {
    return caughtUp.await(time.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Why the reader does not get on; null while it does. */
  public @Nullable String failure() {
    return failure;
  }

  /** Stops after the record in hand. */
  @Override
  public void close() {
    closed = true;
    consumer.wakeup();
    try {
      if (!thread.join(Duration.ofSeconds(10))) {
        thread.interrupt();
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void position() {
    List<TopicPartition> partitions =
        java.util.stream.IntStream.range(0, kafka.partitions(topic))
            .mapToObj(partition -> new TopicPartition(topic, partition))
            .toList();
    consumer.assign(partitions);
    Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    for (TopicPartition partition : partitions) {
      long begin = begins.getOrDefault(partition, 0L);
      long end = ends.getOrDefault(partition, begin);
      switch (start) {
        case BEGINNING -> {
          consumer.seek(partition, begin);
          if (end > begin) {
            untilCaughtUp.put(partition, end);
          }
        }
        case END -> consumer.seek(partition, end);
      }
    }
    noteProgress();
  }

  private void run() {
    try (deadLetters) {
      while (!closed) {
        try {
          ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
          for (ConsumerRecord<byte[], byte[]> record : records) {
            if (closed) {
              return;
            }
            handle(record);
          }
          probe(records.isEmpty());
          noteProgress();
        } catch (WakeupException | InterruptException e) {
          closed = true;
        } catch (KafkaException e) {
          if (failure == null) {
            LOG.error("{}: cannot read {}; trying again", name, topic, e);
          }
          failure = "cannot read " + topic + ": " + kafka.reason(e);
          Thread.sleep(RETRY_READING);
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("{}: interrupted", name);
    } catch (RuntimeException | Error e) {
      failure = "the reader has ended: " + e;
      LOG.error("{}: {}", name, failure, e);
      throw e;
    } finally {
      close(consumer);
    }
  }

  /** It has nothing to tell a cluster, which may not answer. */
  private static void close(Consumer<byte[], byte[]> consumer) {
    consumer.close(CloseOptions.timeout(Duration.ZERO));
  }

  /** A poll does not fail while no broker answers; asking for the end of the log does. */
  private void probe(boolean silent) {
    if (silent && System.nanoTime() - heardOfBrokers < PROBE_EVERY.toNanos()) {
      return;
    }
    if (silent) {
      consumer.endOffsets(consumer.assignment(), PROBE_EVERY);
    }
    heardOfBrokers = System.nanoTime();
    failure = null;
  }

  private void noteProgress() {
    untilCaughtUp.entrySet().removeIf(end -> consumer.position(end.getKey()) >= end.getValue());
    if (untilCaughtUp.isEmpty()) {
      caughtUp.countDown();
    }
  }

  private void handle(ConsumerRecord<byte[], byte[]> record) throws InterruptedException {
    Duration retry = FIRST_RETRY;
    for (int attempt = 1; ; attempt++) {
      try {
        handler.handle(codec.decode(record));
        return;
      } catch (MalformedEventException e) {
        setAside(record, e, attempt);
        return;
      } catch (InterruptedException e) {
        throw e;
      } catch (Exception e) {
        if (closed) {
          return;
        }
        if (attempt == ATTEMPTS) {
          setAside(record, e, attempt);
          return;
        }
        LOG.warn(
            "{}: {}-{}@{} failed, trying again in {} ms",
            name,
            record.topic(),
            record.partition(),
            record.offset(),
            retry.toMillis(),
            e);
        Thread.sleep(retry);
        retry = retry.multipliedBy(4);
      }
    }
  }

  private void setAside(ConsumerRecord<byte[], byte[]> record, Exception reason, int attempts)
      throws InterruptedException {
    Duration retry = FIRST_RETRY;
    while (!closed) {
      try {
        deadLetters.write(record, reason, attempts);
        failure = null;
        LOG.error(
            "{}: set aside {}-{}@{} in {}",
            name,
            record.topic(),
            record.partition(),
            record.offset(),
            DeadLetters.topic(record.topic()),
            reason);
        return;
      } catch (KafkaException e) {
        failure = "cannot write a dead letter: " + kafka.reason(e);
        LOG.error("{}: {}; waiting, nothing is skipped", name, failure);
        Thread.sleep(retry);
        Duration next = retry.multipliedBy(2);
        retry = next.compareTo(LAST_RETRY) > 0 ? LAST_RETRY : next;
      }
    }
  }
}
