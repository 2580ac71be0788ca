package io.millrace.platform.event;

import com.google.protobuf.Message;
import io.millrace.platform.trace.Traces;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Events that are published if, and only if, the caller's database transaction commits.
 *
 * <p>{@link #append} writes a row in the service's own schema; {@link OutboxRelay} publishes it
 * after the commit, at least once, always with the same event id. Events with the same topic and
 * key are published in the order of their commits: appending takes a lock on that pair until the
 * transaction ends. A transaction that appends under several keys should do so in a fixed order.
 */
public final class Outbox {
  /** Largest payload in bytes; events carry facts and references, never files. */
  public static final int MAX_PAYLOAD = 900_000;

  private final JdbcClient jdbc;
  private final Clock clock;
  private final Runnable afterCommit;

  /**
   * An outbox in the data source's default schema.
   *
   * @param afterCommit called whenever a transaction that appended has been committed
   */
  public Outbox(JdbcClient jdbc, Clock clock, Runnable afterCommit) {
    this.jdbc = jdbc;
    this.clock = clock;
    this.afterCommit = afterCommit;
  }

  /**
   * Adds an event to the caller's transaction.
   *
   * @return the event's id
   * @throws IllegalStateException without a transaction
   * @throws IllegalArgumentException if the payload is larger than {@link #MAX_PAYLOAD}
   */
  public UUID append(String topic, String key, String type, Message payload) {
    if (!TransactionSynchronizationManager.isActualTransactionActive()) {
      throw new IllegalStateException(
          "Outbox.append needs the transaction that the event is about");
    }
    byte[] bytes = payload.toByteArray();
    if (bytes.length > MAX_PAYLOAD) {
      throw new IllegalArgumentException(
          type + " has " + bytes.length + " bytes, an event may have " + MAX_PAYLOAD);
    }
    UUID id = UUID.randomUUID();
    // The row's position is drawn once the lock is held: it is that of a row of what is locked.
    jdbc.sql(
            """
            insert into outbox (event_id, topic, key, type, time, payload, traceparent)
            select :id, :topic, :key, :type, cast(:time as timestamptz), :payload,
              cast(:traceparent as text)
            from pg_advisory_xact_lock(hashtextextended(:topic || chr(10) || :key, 0))
            """)
        .param("id", id)
        .param("topic", topic)
        .param("key", key)
        .param("type", type)
        .param("time", Timestamp.from(clock.instant()))
        .param("payload", bytes)
        .param("traceparent", Traces.current())
        .update();
    if (TransactionSynchronizationManager.isSynchronizationActive()) {
      TransactionSynchronizationManager.registerSynchronization(
          new TransactionSynchronization() {
            @Override
            public void afterCommit() {
              afterCommit.run();
            }
          });
    }
    return id;
  }

  /** How many events wait to be published. */
  public long pending() {
    return jdbc.sql("select count(*) from outbox").query(Long.class).single();
  }
}
