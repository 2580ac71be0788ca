package io.millrace.platform.event;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.metric.OutboxMeters;
import io.millrace.platform.vital.VitalThreads;
import java.net.URI;
import java.time.Clock;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Events of a service: their codec, its outbox and the relay that empties it. */
@Configuration(proxyBeanMethods = false)
public class EventConfiguration {

  @Bean
  EventCodec eventCodec(@Value("${spring.application.name}") String service, Clock clock) {
    return new EventCodec(URI.create("/" + service), clock);
  }

  @Bean
  Outbox outbox(JdbcClient jdbc, Clock clock, OutboxRelay relay) {
    return new Outbox(jdbc, clock, relay::wake);
  }

  @Bean
  OutboxRelay outboxRelay(
      JdbcClient jdbc,
      PlatformTransactionManager transactions,
      KafkaClients kafka,
      EventCodec codec,
      VitalThreads threads) {
    return new OutboxRelay(
        jdbc, new TransactionTemplate(transactions), kafka, codec, threads, () -> {});
  }

  @Bean
  OutboxMeters outboxMeters(JdbcClient jdbc, MeterRegistry meters) {
    return new OutboxMeters(jdbc, meters);
  }

  @Bean
  HealthIndicator outboxHealthIndicator(OutboxRelay relay) {
    return () -> {
      String failure = relay.failure();
      return failure == null
          ? Health.up().build()
          : Health.down().withDetail("reason", failure).build();
    };
  }
}
