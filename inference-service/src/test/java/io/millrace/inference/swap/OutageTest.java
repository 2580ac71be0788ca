package io.millrace.inference.swap;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.EventTypes;
import io.millrace.contracts.Topics;
import io.millrace.contracts.events.v1.CheckpointPublished;
import io.millrace.embedded.EmbeddedKafka;
import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.embedded.Ports;
import io.millrace.inference.InferenceServiceApplication;
import io.millrace.inference.fixture.InferenceFixture;
import io.millrace.platform.event.EventCodec;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.testing.TestServers;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.Producer;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The servers that a service stands on go away and come back. */
class OutageTest {
  private final Path kafkaData = TestServers.freshDirectory();
  private final Path postgresData = TestServers.freshDirectory();

  @Test
  void servesOnWithoutServersAndSwapsWhenTheyAreBack() throws Exception {
    int kafkaPort = Ports.free();
    EmbeddedPostgres postgres = EmbeddedPostgres.start(postgresData, 0);
    postgres.ensureDatabase("millrace");
    int postgresPort = postgres.port();
    Map<String, Object> settings = new HashMap<>();
    settings.put("millrace.kafka.bootstrap-servers", "127.0.0.1:" + kafkaPort);
    settings.put("spring.datasource.url", postgres.jdbcUrl("millrace"));
    settings.put("spring.datasource.username", postgres.user());
    settings.put("spring.datasource.password", postgres.password());
    settings.put("spring.datasource.hikari.connection-timeout", 3000);
    postgres.close();

    CompletableFuture<InferenceFixture> starting =
        CompletableFuture.supplyAsync(
            () -> InferenceFixture.start(InferenceServiceApplication.class, settings));
    Thread.sleep(1000);
    assertThat(starting).as("it waits for its servers").isNotDone();
    EmbeddedKafka kafka = EmbeddedKafka.start(kafkaData, kafkaPort);
    postgres = EmbeddedPostgres.start(postgresData, postgresPort);

    try (InferenceFixture service = starting.get()) {
      service.awaitServing(service.publishLanguage("story", 1));
      awaitHealth(service, "swap", "UP");

      postgres.close();
      awaitHealth(service, "db", "DOWN");
      hint(service);
      awaitHealth(service, "swap", "DOWN");
      requireServes(service, 1);
      postgres = EmbeddedPostgres.start(postgresData, postgresPort);
      awaitHealth(service, "swap", "UP");
      service.awaitServing(service.publishLanguage("story", 2));

      kafka.close();
      awaitHealth(service, "swap", "DOWN");
      requireServes(service, 2);
      ModelVersion third = service.publishLanguage("story", 1);
      kafka = EmbeddedKafka.start(kafkaData, kafkaPort);
      awaitHealth(service, "swap", "UP");
      service.awaitServing(third);
      requireServes(service, 3);
    } finally {
      kafka.close();
      postgres.close();
    }
  }

  /** Makes the service look into the registry now. */
  private static void hint(InferenceFixture service) throws Exception {
    try (Producer<byte[], byte[]> producer = service.bean(KafkaClients.class).producer("hint")) {
      producer
          .send(
              service
                  .bean(EventCodec.class)
                  .encode(
                      service.bean(Topics.class).checkpoints(),
                      "story",
                      EventTypes.CHECKPOINT_PUBLISHED,
                      CheckpointPublished.getDefaultInstance()))
          .get();
    }
  }

  /** What serves does not need the servers, so the service stays ready. */
  private static void requireServes(InferenceFixture service, int version) throws Exception {
    JsonNode answer =
        service.post("/v1/completions", Map.of("model", "story", "prompt", "a", "max_tokens", 2));
    assertThat(answer.path("system_fingerprint").asString()).startsWith("v" + version + "-");
    assertThat(service.send("GET", "/actuator/health/readiness", "").statusCode()).isEqualTo(200);
  }

  private static void awaitHealth(InferenceFixture service, String part, String status)
      throws Exception {
    InferenceFixture.await(
        () -> InferenceFixture.JSON.readTree(service.send("GET", "/actuator/health", "").body()),
        health -> health.path("components").path(part).path("status").asString("").equals(status));
  }
}
