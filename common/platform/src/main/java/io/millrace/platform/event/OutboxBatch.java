package io.millrace.platform.event;

import io.millrace.platform.trace.Traces;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Publishes what {@link Outbox} holds, once through and a batch at a time: at least once, in order
 * for each key.
 *
 * <p>A batch is read, published, acknowledged by Kafka and only then deleted; an event is sent when
 * the one before it with the same topic and key is acknowledged. After a send that failed, what was
 * acknowledged is deleted and nothing more is sent. After a crash between acknowledgement and
 * deletion the events come again, with the same ids. One process at a time works on a schema, by an
 * advisory lock that PostgreSQL gives back when its connection dies: several that skip each other's
 * locked rows would overtake one another within a key. Rows that somebody else holds locked are
 * waited for, for the same reason.
 */
final class OutboxBatch {
  /** Events that are published at a time. */
  static final int SIZE = 200;

  /** How long Kafka may take to acknowledge them. */
  static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final JdbcClient jdbc;
  private final TransactionTemplate transactions;
  private final EventCodec codec;
  private final Runnable acknowledged;

  /**
   * Batches of a service's outbox.
   *
   * @param acknowledged called between the acknowledgement of events and their deletion
   */
  OutboxBatch(
      JdbcClient jdbc, TransactionTemplate transactions, EventCodec codec, Runnable acknowledged) {
    this.jdbc = jdbc;
    this.transactions = transactions;
    this.codec = codec;
    this.acknowledged = acknowledged;
  }

  /** Publishes and deletes what waits, up to a batch; how many events that were. */
  int publish(Producer<byte[], byte[]> producer) {
    Published published = transactions.execute(status -> publishLocked(producer));
    if (published == null) {
      return 0;
    }
    if (published.failure != null) {
      throw published.failure;
    }
    return published.positions.size();
  }

  private Published publishLocked(Producer<byte[], byte[]> producer) {
    boolean mine =
        jdbc.sql(
                "select pg_try_advisory_xact_lock(hashtextextended(current_schema() || '.outbox', 0))")
            .query(Boolean.class)
            .single();
    if (!mine) {
      return Published.NOTHING;
    }
    List<Row> rows =
        jdbc.sql(
                """
                select position, event_id, topic, key, type, time, payload, traceparent
                from outbox order by position limit :batch for update
                """)
            .param("batch", SIZE)
            .query((row, number) ->
                new Row(
                    row.getLong("position"),
                    row.getObject("event_id", UUID.class),
                    row.getString("topic"),
                    row.getString("key"),
                    row.getString("type"),
                    row.getTimestamp("time").toInstant(),
                    row.getBytes("payload"),
                    row.getString("traceparent")))
            .list();
    if (rows.isEmpty()) {
      return Published.NOTHING;
    }
    Published published = publish(producer, rows);
    acknowledged.run();
    jdbc.sql("delete from outbox where position = any(:positions)")
        .param("positions", published.positions.toArray(Long[]::new))
        .update();
    return published;
  }

  /** In rounds, each of which has the first event of every topic and key that is left. */
  private Published publish(Producer<byte[], byte[]> producer, List<Row> rows) {
    List<Long> acknowledged = new ArrayList<>(rows.size());
    List<Row> left = rows;
    PublishException failure = null;
    while (!left.isEmpty() && failure == null) {
      Map<List<String>, Row> first = new LinkedHashMap<>();
      List<Row> later = new ArrayList<>();
      for (Row row : left) {
        if (first.putIfAbsent(List.of(row.topic, row.key), row) != null) {
          later.add(row);
        }
      }
      failure = publishRound(producer, first.values(), acknowledged);
      left = later;
    }
    return new Published(acknowledged, failure);
  }

  /** Sends events up to the first that cannot be, and says why that one could not be. */
  private @Nullable PublishException publishRound(
      Producer<byte[], byte[]> producer, Collection<Row> rows, List<Long> acknowledged) {
    PublishException failure = null;
    Map<Row, Future<RecordMetadata>> sent = new LinkedHashMap<>();
    for (Row row : rows) {
      Future<RecordMetadata> future = producer.send(record(row));
      sent.put(row, future);
      if (future.state() == Future.State.FAILED) {
        break;
      }
    }
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    for (Map.Entry<Row, Future<RecordMetadata>> each : sent.entrySet()) {
      try {
        each.getValue().get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        acknowledged.add(each.getKey().position);
      } catch (ExecutionException e) {
        failure = new PublishException("cannot publish: " + e.getCause(), e);
      } catch (TimeoutException e) {
        failure = new PublishException("Kafka does not acknowledge within " + TIMEOUT, e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return new PublishException("interrupted", e);
      }
    }
    return failure;
  }

  private ProducerRecord<byte[], byte[]> record(Row row) {
    ProducerRecord<byte[], byte[]> record =
        codec.encode(row.topic, row.key, row.id, row.type, row.time, row.payload);
    Traces.write(record, row.traceparent);
    return record;
  }

  /**
   * What became of a batch.
   *
   * @param positions of the events that Kafka acknowledged
   * @param failure why the others were not; null: there are none
   */
  private record Published(List<Long> positions, @Nullable PublishException failure) {
    static final Published NOTHING = new Published(List.of(), null);
  }

  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Row(
      long position,
      UUID id,
      String topic,
      String key,
      String type,
      Instant time,
      byte[] payload,
      @Nullable String traceparent) {}

  private static final class PublishException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PublishException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
