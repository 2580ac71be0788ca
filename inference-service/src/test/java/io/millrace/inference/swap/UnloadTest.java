package io.millrace.inference.swap;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.inference.v1.GenerateRequest;
import io.millrace.inference.InferenceServiceApplication;
import io.millrace.inference.fixture.InferenceFixture;
import io.millrace.platform.registry.ModelVersion;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Models that nobody uses leave the memory, and nobody notices but by waiting a moment. */
@Timeout(120)
class UnloadTest {
  private static InferenceFixture service;

  @BeforeAll
  static void start() {
    service =
        InferenceFixture.start(
            InferenceServiceApplication.class, Map.of("millrace.inference.unload-after", "500ms"));
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @Test
  void saysTheSameAfterItWasLoadedAgain() throws Exception {
    service.awaitServing(service.publishLanguage("sleeper", 1));
    String before = complete("sleeper");
    awaitUnloaded("sleeper");
    assertThat(service.model("sleeper").path("version").asInt()).isEqualTo(1);
    assertThat(service.send("GET", "/v1/models/sleeper", "").statusCode()).isEqualTo(200);

    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<String>> calls =
          Stream.<Callable<String>>generate(() -> () -> complete("sleeper")).limit(8).toList();
      for (Future<String> answer : callers.invokeAll(calls)) {
        assertThat(answer.get()).isEqualTo(before);
      }
    }
  }

  @Test
  void loadsTheVersionThatCameMeanwhile() throws Exception {
    service.awaitServing(service.publishLanguage("late", 1));
    awaitUnloaded("late");
    ModelVersion second = service.publishLanguage("late", 2);

    InferenceFixture.await(
        () ->
            service
                .grpc()
                .generate(
                    GenerateRequest.newBuilder()
                        .setModel("late")
                        .setPrompt("the")
                        .setMaxTokens(1)
                        .build())
                .next()
                .getModelVersion(),
        version -> version == second.version());
  }

  @Test
  void tellsWhyWhenItCannotBeLoadedAgain() throws Exception {
    ModelVersion version = service.publishLanguage("broken", 1);
    service.awaitServing(version);
    awaitUnloaded("broken");
    Files.write(service.file(version, "model.safetensors"), new byte[] {1});

    var answer =
        service.send("POST", "/v1/completions", "{\"model\": \"broken\", \"prompt\": \"the\"}");

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body()).contains("version 1 was refused");
  }

  private static String complete(String model) throws Exception {
    JsonNode answer =
        service.post(
            "/v1/completions",
            Map.of("model", model, "prompt", "the river", "max_tokens", 40, "seed", 7));
    return answer.at("/choices/0/text").asString();
  }

  private static void awaitUnloaded(String model) throws Exception {
    InferenceFixture.await(
        () -> service.model(model), status -> status.path("state").asString().equals("unloaded"));
  }
}
