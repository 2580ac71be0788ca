package io.millrace.platform.event;

import io.millrace.platform.kafka.KafkaClients;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The relay of a service's outbox, a batch at a time. */
public final class SimulatedRelay {
  private final OutboxBatch batch;
  private final KafkaClients kafka;

  /**
   * A relay.
   *
   * @param acknowledged called between the acknowledgement of events and their deletion
   */
  public SimulatedRelay(
      JdbcClient jdbc,
      PlatformTransactionManager transactions,
      KafkaClients kafka,
      EventCodec codec,
      Runnable acknowledged) {
    this.batch = new OutboxBatch(jdbc, new TransactionTemplate(transactions), codec, acknowledged);
    this.kafka = kafka;
  }

  /** Publishes what waits; how many events that were. */
  public int publish() {
    return batch.publish(kafka.producer("outbox-relay"));
  }
}
