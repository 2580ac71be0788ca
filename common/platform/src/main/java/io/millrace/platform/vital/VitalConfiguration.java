package io.millrace.platform.vital;

import io.millrace.platform.kafka.KafkaClients;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The watched threads of a service and what its health tells of them. */
@Configuration(proxyBeanMethods = false)
public class VitalConfiguration {
  private static final Duration KAFKA_TIMEOUT = Duration.ofSeconds(2);

  @Bean
  VitalThreads vitalThreads() {
    return new VitalThreads();
  }

  /** Part of liveness: nothing but a restart brings a dead thread back. */
  @Bean
  HealthIndicator threadsHealthIndicator(VitalThreads threads) {
    return () -> health(threads.dead());
  }

  @Bean
  HealthIndicator silentThreadsHealthIndicator(VitalThreads threads) {
    return () -> health(threads.silent());
  }

  /** Not part of readiness: what does not need Kafka is answered without it. */
  @Bean
  HealthIndicator kafkaHealthIndicator(KafkaClients kafka) {
    return () -> {
      String trouble = kafka.trouble(KAFKA_TIMEOUT);
      return health(trouble == null ? List.of() : List.of(trouble));
    };
  }

  private static Health health(List<String> troubles) {
    return troubles.isEmpty()
        ? Health.up().build()
        : Health.down().withDetail("reason", String.join("; ", troubles)).build();
  }
}
