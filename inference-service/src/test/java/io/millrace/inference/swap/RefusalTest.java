package io.millrace.inference.swap;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.EventTypes;
import io.millrace.contracts.Topics;
import io.millrace.contracts.events.v1.ModelRejected;
import io.millrace.contracts.events.v1.ModelServing;
import io.millrace.inference.InferenceServiceApplication;
import io.millrace.inference.fixture.InferenceFixture;
import io.millrace.platform.event.EventCodec;
import io.millrace.platform.event.EventReader;
import io.millrace.platform.event.ReceivedEvent;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.registry.ModelVersion;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** Versions that must not serve, published as trainers publish them. */
class RefusalTest {
  private static final List<ReceivedEvent> EVENTS = new CopyOnWriteArrayList<>();
  private static InferenceFixture service;
  private static EventReader events;

  @BeforeAll
  static void start() {
    service =
        InferenceFixture.start(
            InferenceServiceApplication.class,
            Map.of("millrace.inference.retry", "50ms", "millrace.inference.missing", "200ms"));
    events =
        EventReader.start(
            service.bean(KafkaClients.class),
            service.bean(EventCodec.class),
            "test-models",
            service.bean(Topics.class).models(),
            EventReader.Start.BEGINNING,
            EVENTS::add);
  }

  @AfterAll
  static void stop() {
    events.close();
    service.close();
  }

  @ParameterizedTest
  @EnumSource
  void refusesWhatIsDamagedAndServesOn(Damage damage) throws Exception {
    String model = damage.name().toLowerCase(Locale.ROOT).replace('_', '-');
    ModelVersion good = service.publishLanguage(model, 1);
    service.awaitServing(good);

    ModelVersion bad = damage.publish(service, model);

    JsonNode status = service.awaitRefused(bad);
    String reason = status.path("rejected").path("reason").asString();
    assertThat(reason).contains(damage.reason()).doesNotContain("/tmp");
    assertThat(status.path("version").asInt()).isEqualTo(good.version());
    assertThat(status.path("swaps").asInt()).isZero();
    assertThat(complete(model)).startsWith("v1-");
    ModelRejected event =
        InferenceFixture.await(
                () -> events(model, EventTypes.MODEL_REJECTED), found -> !found.isEmpty())
            .getFirst()
            .payload(ModelRejected.parser());
    assertThat(event.getVersion()).isEqualTo(bad.version());
    assertThat(event.getReason()).isEqualTo(reason);
  }

  @Test
  void takesTheGoodOneBetweenABadOneAndWhatServes() throws Exception {
    service.awaitServing(service.publishLanguage("between", 1));
    ModelVersion good =
        service.store(
            "between",
            "language",
            folder -> io.millrace.inference.fixture.TinyModels.language(folder, 2));
    ModelVersion missing =
        new ModelVersion(
            "between",
            3,
            "language",
            "run-1",
            1,
            30,
            "models/between/run-1/30-1",
            "0".repeat(64),
            Map.of(),
            good.createdAt());

    service.announce(good, missing);

    // It may be late only, and the good one does not wait for it.
    service.awaitServing(good);
    assertThat(service.awaitRefused(missing).path("version").asInt()).isEqualTo(2);
    assertThat(complete("between")).startsWith("v2-");
    ModelServing event =
        InferenceFixture.await(
                () -> events("between", EventTypes.MODEL_SERVING), found -> found.size() == 2)
            .getLast()
            .payload(ModelServing.parser());
    assertThat(event.getVersion()).isEqualTo(2);
    assertThat(event.getDigest()).isEqualTo(good.manifestSha256());
    assertThat(event.getLoadMs()).isPositive();

    try (InferenceFixture replica = service.another()) {
      assertThat(replica.awaitRefused(missing).path("version").asInt()).isEqualTo(2);
    }
  }

  @Test
  void saysWhyAModelDoesNotServeAtAll() throws Exception {
    ModelVersion bad = Damage.FLIPPED_BIT.publish(service, "never");
    JsonNode status = service.awaitRefused(bad);

    assertThat(status.path("version").asInt()).isZero();
    assertThat(status.path("state").asString()).isEqualTo("vacant");
    var answer =
        service.send("POST", "/v1/completions", "{\"model\": \"never\", \"prompt\": \"a\"}");
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("Retry-After")).isPresent();
    assertThat(answer.body()).contains("version 1 was refused", "model.safetensors");
  }

  private static List<ReceivedEvent> events(String model, String type) {
    return EVENTS.stream()
        .filter(event -> event.type().equals(type) && event.key().equals(model))
        .toList();
  }

  /** Fingerprint of the version that answers. */
  private static String complete(String model) throws Exception {
    return service
        .post("/v1/completions", Map.of("model", model, "prompt", "the river", "max_tokens", 2))
        .path("system_fingerprint")
        .asString();
  }
}
