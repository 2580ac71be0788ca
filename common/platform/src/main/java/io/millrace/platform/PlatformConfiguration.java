package io.millrace.platform;

import io.millrace.contracts.Topics;
import io.millrace.platform.checkpoint.CheckpointFiles;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.registry.Registry;
import io.millrace.platform.security.InternalToken;
import io.millrace.platform.store.FileObjectStore;
import io.millrace.platform.store.ObjectStore;
import java.io.IOException;
import java.time.Clock;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What every service imports: {@code @Import(PlatformConfiguration.class)} beside
 * {@code @SpringBootApplication}. Gives the beans of this class, {@code Outbox}, {@code
 * EventCodec}, error rendering, and requires the internal token on every path and gRPC method that
 * is not open.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(MillraceProperties.class)
@Import({
  io.millrace.platform.event.EventConfiguration.class,
  io.millrace.platform.registry.MigrationConfiguration.class,
  io.millrace.platform.security.SecurityConfiguration.class,
  io.millrace.platform.error.ErrorConfiguration.class
})
public class PlatformConfiguration {

  @Bean
  @ConditionalOnMissingBean
  Clock clock() {
    return Clock.systemUTC();
  }

  @Bean
  Topics topics(MillraceProperties properties) {
    return new Topics(properties.kafka().topicPrefix());
  }

  @Bean
  KafkaClients kafkaClients(MillraceProperties properties) {
    KafkaClients clients = new KafkaClients(properties.kafka());
    clients.requireCluster();
    return clients;
  }

  @Bean
  ObjectStore objectStore(MillraceProperties properties) throws IOException {
    return new FileObjectStore(properties.objects().root());
  }

  @Bean
  CheckpointFiles checkpointFiles(ObjectStore store) {
    return new CheckpointFiles(store);
  }

  @Bean
  Registry registry(JdbcClient jdbc) {
    return new Registry(jdbc);
  }

  @Bean
  InternalToken internalToken(MillraceProperties properties, Clock clock) {
    return new InternalToken(
        properties.internal().secret(), properties.internal().tokenValidity(), clock);
  }
}
