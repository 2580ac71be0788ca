package io.millrace.simulation;

import io.millrace.platform.event.EventCodec;
import io.millrace.platform.event.Outbox;
import io.millrace.platform.event.SimulatedRelay;
import io.millrace.platform.kafka.KafkaClients;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;

/** A service's relay, which looks into its outbox only if something was written there since. */
final class Relay {
  private final WatchedDataSource written;
  private final Outbox outbox;
  private final SimulatedRelay relay;
  private long relayed = -1;

  Relay(GenericApplicationContext beans, KafkaClients kafka, Chance chance) {
    this.written = beans.getBean(WatchedDataSource.class);
    this.outbox = beans.getBean(Outbox.class);
    this.relay =
        new SimulatedRelay(
            beans.getBean(JdbcClient.class),
            beans.getBean(PlatformTransactionManager.class),
            kafka,
            beans.getBean(EventCodec.class),
            () -> chance.reach("ACKNOWLEDGED"));
  }

  /** Publishes what waits, or dies. */
  void publish() {
    long announced = written.announced();
    if (announced != relayed) {
      relay.publish();
      relayed = announced;
    }
  }

  /** Whether nothing was written since the outbox was looked into. */
  boolean isIdle() {
    return written.announced() == relayed;
  }

  /** Whether nothing waits, says the outbox. */
  boolean isDone() {
    return outbox.pending() == 0;
  }
}
