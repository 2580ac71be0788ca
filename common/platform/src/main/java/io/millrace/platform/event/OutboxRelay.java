package io.millrace.platform.event;

import io.millrace.platform.kafka.KafkaClients;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Publishes what {@link Outbox} holds: at least once, in order for each key.
 *
 * <p>A batch is read, published, acknowledged by Kafka and only then deleted. After a crash between
 * acknowledgement and deletion the events come again, with the same ids. One relay at a time works
 * on a schema, by an advisory lock that PostgreSQL gives back when its connection dies: several
 * relays that skip each other's locked rows would overtake one another within a key. Rows that
 * somebody else holds locked are waited for, for the same reason.
 */
public final class OutboxRelay implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(OutboxRelay.class);
  private static final int BATCH = 200;
  private static final Duration IDLE_PAUSE = Duration.ofMillis(500);
  private static final Duration FIRST_RETRY = Duration.ofMillis(200);
  private static final Duration LAST_RETRY = Duration.ofSeconds(10);
  private static final Duration PUBLISH_TIMEOUT = Duration.ofSeconds(30);

  private final JdbcClient jdbc;
  private final TransactionTemplate transactions;
  private final KafkaClients kafka;
  private final EventCodec codec;
  private final Semaphore work = new Semaphore(0);
  private final Runnable afterPublish;
  private volatile boolean running;
  private volatile @Nullable String failure;
  private @Nullable Thread thread;

  OutboxRelay(
      JdbcClient jdbc,
      TransactionTemplate transactions,
      KafkaClients kafka,
      EventCodec codec,
      Runnable afterPublish) {
    this.jdbc = jdbc;
    this.transactions = transactions;
    this.kafka = kafka;
    this.codec = codec;
    this.afterPublish = afterPublish;
  }

  @Override
  public synchronized void start() {
    if (!running) {
      running = true;
      thread = Thread.ofVirtual().name("outbox-relay").start(this::run);
    }
  }

  /** Stops after the batch in hand; what is left is published at the next start. */
  @Override
  public synchronized void stop() {
    running = false;
    work.release();
    Thread stopping = thread;
    if (stopping != null) {
      try {
        if (!stopping.join(PUBLISH_TIMEOUT)) {
          stopping.interrupt();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      thread = null;
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** Looks for events now rather than after the usual pause. */
  void wake() {
    work.release();
  }

  /** Why the last attempt failed; null once one succeeded. */
  public @Nullable String failure() {
    return failure;
  }

  private void run() {
    try (Producer<byte[], byte[]> producer = kafka.producer("outbox-relay")) {
      Duration retry = FIRST_RETRY;
      while (running) {
        try {
          boolean more = publishBatch(producer) == BATCH;
          failure = null;
          retry = FIRST_RETRY;
          if (!more) {
            pause(IDLE_PAUSE);
          }
        } catch (RuntimeException e) {
          failure = e.getMessage();
          LOG.warn("outbox: {}; trying again in {} ms", e.getMessage(), retry.toMillis());
          pause(retry);
          Duration next = retry.multipliedBy(2);
          retry = next.compareTo(LAST_RETRY) > 0 ? LAST_RETRY : next;
        }
      }
    } catch (InterruptedException e) {
      LOG.info("outbox relay interrupted, events that are left are published at the next start");
    }
  }

  private void pause(Duration time) throws InterruptedException {
    boolean woken = work.tryAcquire(time.toMillis(), TimeUnit.MILLISECONDS);
    if (woken) {
      work.drainPermits();
    }
  }

  private int publishBatch(Producer<byte[], byte[]> producer) throws InterruptedException {
    Integer published = transactions.execute(status -> publishLocked(producer));
    return published == null ? 0 : published;
  }

  private int publishLocked(Producer<byte[], byte[]> producer) {
    boolean mine =
        jdbc.sql(
                "select pg_try_advisory_xact_lock(hashtextextended(current_schema() || '.outbox', 0))")
            .query(Boolean.class)
            .single();
    if (!mine) {
      return 0;
    }
    List<Row> rows =
        jdbc.sql(
                """
                select position, event_id, topic, key, type, time, payload
                from outbox order by position limit :batch for update
                """)
            .param("batch", BATCH)
            .query((row, number) ->
                new Row(
                    row.getLong("position"),
                    row.getObject("event_id", UUID.class),
                    row.getString("topic"),
                    row.getString("key"),
                    row.getString("type"),
                    row.getTimestamp("time").toInstant(),
                    row.getBytes("payload")))
            .list();
    if (rows.isEmpty()) {
      return 0;
    }
    publish(producer, rows);
    afterPublish.run();
    jdbc.sql("delete from outbox where position = any(:positions)")
        .param("positions", rows.stream().map(Row::position).toArray(Long[]::new))
        .update();
    return rows.size();
  }

  private void publish(Producer<byte[], byte[]> producer, List<Row> rows) {
    List<Future<RecordMetadata>> sent = new ArrayList<>(rows.size());
    try {
      for (Row row : rows) {
        sent.add(
            producer.send(
                codec.encode(row.topic, row.key, row.id, row.type, row.time, row.payload)));
      }
      for (Future<RecordMetadata> future : sent) {
        future.get(PUBLISH_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (ExecutionException e) {
      throw new PublishException("cannot publish: " + e.getCause(), e);
    } catch (java.util.concurrent.TimeoutException e) {
      throw new PublishException("Kafka does not acknowledge within " + PUBLISH_TIMEOUT, e);
    } catch (org.apache.kafka.common.KafkaException e) {
      throw new PublishException("cannot publish: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PublishException("interrupted", e);
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Row(
      long position,
      UUID id,
      String topic,
      String key,
      String type,
      Instant time,
      byte[] payload) {}

  private static final class PublishException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PublishException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
