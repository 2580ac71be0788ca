package io.millrace.platform.service;

import io.millrace.contracts.Topics;
import io.millrace.platform.MillraceProperties;
import io.millrace.platform.checkpoint.CheckpointFiles;
import io.millrace.platform.checkpoint.VersionPublisher;
import io.millrace.platform.event.EventConfiguration;
import io.millrace.platform.event.Outbox;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.registry.ForeignRecords;
import io.millrace.platform.registry.Lineage;
import io.millrace.platform.registry.MigrationConfiguration;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.Registry;
import io.millrace.platform.security.SecurityConfiguration;
import io.millrace.platform.store.FileObjectStore;
import io.millrace.platform.store.ObjectStore;
import io.millrace.platform.store.s3.S3ObjectStore;
import io.millrace.platform.vital.VitalConfiguration;
import java.io.IOException;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What every service imports: {@code @Import(PlatformConfiguration.class)} beside
 * {@code @SpringBootApplication}. Gives the beans of this class, {@code Clock}, {@code EventCodec},
 * {@code Outbox} and {@code InternalToken}, renders errors, limits bodies, and requires the
 * internal token on every path and gRPC method that is not open.
 *
 * <p>The service's configuration file sets {@code spring.flyway.default-schema} to its own schema,
 * {@code spring.flyway.locations} to its own migrations and {@code spring.datasource.hikari.schema}
 * to the same schema.
 */
@Configuration(proxyBeanMethods = false)
@Import({
  EdgeConfiguration.class,
  EventConfiguration.class,
  MigrationConfiguration.class,
  SecurityConfiguration.class,
  VitalConfiguration.class
})
public class PlatformConfiguration {

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
    return switch (properties.objects().kind()) {
      case FILES -> new FileObjectStore(properties.objects().root());
      case S3 -> S3ObjectStore.open(properties.objects().s3());
    };
  }

  @Bean
  CheckpointFiles checkpointFiles(ObjectStore store) {
    return new CheckpointFiles(store);
  }

  @Bean
  VersionPublisher versionPublisher(
      ObjectStore store,
      CheckpointFiles files,
      ModelRegistry registry,
      Outbox outbox,
      Topics topics,
      Clock clock) {
    return new VersionPublisher(store, files, registry, outbox, topics, clock);
  }

  @Bean
  Lineage lineage(JdbcClient jdbc) {
    return new Lineage(jdbc);
  }

  @Bean
  Registry registry(JdbcClient jdbc) {
    return new Registry(jdbc);
  }

  @Bean
  ForeignRecords foreignRecords(JdbcClient jdbc) {
    return new ForeignRecords(jdbc);
  }

  @Bean
  ModelRegistry modelRegistry(JdbcClient jdbc) {
    return new ModelRegistry(jdbc);
  }
}
