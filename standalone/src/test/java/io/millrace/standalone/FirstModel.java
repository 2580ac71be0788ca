package io.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;

/** The whole loop, small: the dataset {@code rhymes} and the model {@code rhymer}. */
public final class FirstModel {
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private FirstModel() {}

  /** Documents, a tokenizer, a snapshot, a run with two checkpoints, a completion. */
  public static void learn(PlatformApi api) throws Exception {
    api.post("/api/datasets", Map.of("name", "rhymes", "kind", "text"));
    String documents =
        IntStream.range(0, 300)
            .mapToObj(n ->
                "{\"id\":\"d%d\",\"text\":\"%s\"}"
                    .formatted(n, "one two three %d ".formatted(n % 7).repeat(12)))
            .collect(Collectors.joining("\n"));
    api.send(
        "/api/datasets/rhymes/documents",
        "application/x-ndjson",
        documents.getBytes(StandardCharsets.UTF_8));
    api.post("/api/datasets/rhymes/tokenizer", Map.of("train", Map.of("vocab_size", 300)));
    api.post("/api/datasets/rhymes/snapshots", Map.of());
    String run = startRun(api, "rhymer", 20, 10);
    Awaitility.await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofSeconds(1))
        .untilAsserted(() -> assertThat(state(api, run)).isEqualTo("succeeded"));
    Awaitility.await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofSeconds(1))
        .untilAsserted(() -> assertThat(api.get("/v1/models").toString()).contains("\"rhymer\""));
    JsonNode completion =
        api.post(
            "/v1/completions", Map.of("model", "rhymer", "prompt", "one two", "max_tokens", 8));
    assertThat(completion.at("/choices/0/text").asString("")).isNotEmpty();
  }

  /** Starts a run on the dataset's snapshot and returns its id. */
  public static String startRun(PlatformApi api, String model, int steps, int checkpointEvery)
      throws Exception {
    return api.post(
            "/api/runs",
            Map.of(
                "model",
                model,
                "task",
                "language",
                "dataset",
                "rhymes",
                "preset",
                "nano",
                "steps",
                steps,
                "checkpoint_every",
                checkpointEvery))
        .at("/id")
        .asString();
  }

  /** The state of a run. */
  public static String state(PlatformApi api, String run) throws Exception {
    return api.get("/api/runs/" + run).at("/state").asString();
  }
}
