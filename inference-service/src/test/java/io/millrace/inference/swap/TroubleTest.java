package io.millrace.inference.swap;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.inference.fixture.InferenceFixture;
import io.millrace.inference.fixture.ShakyLoads;
import io.millrace.inference.fixture.TinyModels;
import io.millrace.platform.registry.ModelVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Good versions that cannot be loaded at first. */
class TroubleTest {
  private static final int FOR_EVER = Integer.MAX_VALUE;

  private InferenceFixture service;

  @BeforeEach
  void start() {
    service =
        InferenceFixture.start(
            ShakyLoads.class,
            Map.of("millrace.inference.retry", "200ms", "millrace.inference.missing", "1m"));
  }

  @AfterEach
  void stop() {
    service.close();
  }

  @Test
  void triesAgainWhenMemoryOrFilesWereShort() throws Exception {
    ModelVersion first = publish();
    service.awaitServing(first);
    ShakyLoads.Troubles troubles = service.bean(ShakyLoads.Troubles.class);
    // Each lasts until it was seen: how often a slow reader would miss is a matter of time.
    troubles.memory.set(FOR_EVER);
    troubles.files.set(FOR_EVER);

    ModelVersion second = publish();

    JsonNode status = awaitPostponed("OutOfMemoryError: Java heap space");
    assertThat(status.path("version").asInt()).isEqualTo(first.version());
    assertThat(status.path("postponed").path("version").asInt()).isEqualTo(second.version());
    troubles.memory.set(0);
    awaitPostponed("Too many open files");
    troubles.files.set(0);
    JsonNode after = service.awaitServing(second);
    assertThat(after.path("postponed").isNull()).isTrue();
    assertThat(after.path("rejected").isNull()).isTrue();
    assertThat(
            service
                .bean(MeterRegistry.class)
                .counter("millrace.inference.swaps", "model", "shaky")
                .count())
        .as("the first one did not take over from another")
        .isEqualTo(1);
  }

  @Test
  void waitsForAManifestThatASharedFileSystemShowsLate() throws Exception {
    ModelVersion version =
        service.store("late", "language", folder -> TinyModels.language(folder, 1));
    Path folder = Objects.requireNonNull(service.file(version, "config.json").getParent());
    Path away = folder.resolveSibling("away");
    Files.move(folder.resolve("manifest.json"), away);

    service.announce(version);

    InferenceFixture.await(
        () -> service.model("late"), now -> now.path("postponed").path("tries").asInt() > 1);
    assertThat(
            service
                .send("POST", "/v1/completions", "{\"model\": \"late\", \"prompt\": \"a\"}")
                .body())
        .contains("version 1 is tried again after", "manifest.json: expected a file, found none");
    Files.move(away, folder.resolve("manifest.json"));
    service.awaitServing(version);
  }

  @Test
  void goesOnAfterAModelThatCannotBeClosed() throws Exception {
    service.awaitServing(publish());
    service.bean(ShakyLoads.Troubles.class).closing.set(1);
    service.awaitServing(publish());

    service.awaitServing(publish());
  }

  private ModelVersion publish() throws Exception {
    return service.publish(
        "shaky", "shaky", folder -> Files.writeString(folder.resolve("weights"), "light"));
  }

  private JsonNode awaitPostponed(String reason) throws Exception {
    return InferenceFixture.await(
        () -> service.model("shaky"),
        now -> now.path("postponed").path("reason").asString("").contains(reason));
  }
}
