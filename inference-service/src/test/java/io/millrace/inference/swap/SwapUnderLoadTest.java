package io.millrace.inference.swap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.inference.fixture.InferenceFixture;
import io.millrace.inference.generate.LanguageRuntime;
import io.millrace.language.generate.Generation;
import io.millrace.language.generate.SamplingSettings;
import io.millrace.platform.registry.ModelVersion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Real versions take over from each other while clients ask without a pause. */
class SwapUnderLoadTest {
  private static final int VERSIONS = 8;
  private static InferenceFixture service;

  @BeforeAll
  static void start() {
    service = InferenceFixture.start();
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @Test
  void answersEveryRequestFromOneVersionWhileVersionsChange() throws Exception {
    service.awaitServing(service.publishLanguage("story", 1));
    Map<Integer, Set<String>> textsByVersion = new ConcurrentHashMap<>();
    ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    AtomicBoolean stop = new AtomicBoolean();
    AtomicInteger answers = new AtomicInteger();
    List<Thread> clients = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      clients.add(
          Thread.ofVirtual()
              .start(() -> {
                int last = 0;
                while (!stop.get()) {
                  try {
                    Answer answer = stream("story");
                    textsByVersion
                        .computeIfAbsent(answer.version(), unused -> ConcurrentHashMap.newKeySet())
                        .add(answer.text());
                    if (answer.version() < last) {
                      failures.add("went back from " + last + " to " + answer.version());
                    }
                    last = answer.version();
                    answers.incrementAndGet();
                  } catch (Exception | AssertionError e) {
                    failures.add(e.toString());
                  }
                }
              }));
    }
    try {
      InferenceFixture.await(answers::get, now -> now > 0);
      for (int version = 2; version <= VERSIONS; version++) {
        service.awaitServing(service.publishLanguage("story", 1 + version % 2));
        int before = answers.get();
        InferenceFixture.await(answers::get, now -> now >= before + 6);
      }
    } finally {
      stop.set(true);
    }
    for (Thread client : clients) {
      client.join();
    }

    assertThat(failures).isEmpty();
    assertThat(textsByVersion.keySet()).hasSize(VERSIONS);
    Map<Integer, Set<String>> textsBySeed = new HashMap<>();
    textsByVersion.forEach((version, texts) ->
        textsBySeed
            .computeIfAbsent(1 + version % 2, unused -> new TreeSet<>())
            .addAll(version == 1 ? Set.of() : texts));
    // Greedy: whatever answers of a version's weights have in common is the text of those weights.
    assertThat(textsBySeed.get(1)).hasSize(1);
    assertThat(textsBySeed.get(2)).hasSize(1).isNotEqualTo(textsBySeed.get(1));
    JsonNode status = service.model("story");
    assertThat(status.path("swaps").asInt()).isEqualTo(VERSIONS - 1);
    // How long is a matter of the machine; StopTest shows that no request waits for a load.
    assertThat(status.path("swap_pause_ms_max").asDouble()).isPositive();
  }

  @Test
  void freesAnOldVersionWithItsLastRequest() throws Exception {
    ModelVersion first = service.publishLanguage("freed", 1);
    service.awaitServing(first);
    Held<LanguageRuntime> held = service.bean(Models.class).acquire("freed", LanguageRuntime.KIND);
    LanguageRuntime old = held.runtime();

    service.awaitServing(service.publishLanguage("freed", 2));

    assertThat(held.version()).isEqualTo(first);
    try (Generation generation = old.model().start(new int[] {1}, 2, SamplingSettings.greedy())) {
      generation.next();
    }
    held.close();
    assertThatThrownBy(() -> old.model().start(new int[] {1}, 2, SamplingSettings.greedy()))
        .isInstanceOf(RuntimeException.class);
  }

  private record Answer(int version, String text) {}

  /** A whole stream, in which every chunk must name the same version. */
  private static Answer stream(String model) throws Exception {
    List<JsonNode> chunks =
        service.stream(
            "/v1/completions",
            Map.of(
                "model",
                model,
                "prompt",
                "the",
                "max_tokens",
                30,
                "temperature",
                0,
                "stream",
                true));
    Set<String> fingerprints = new TreeSet<>();
    StringBuilder text = new StringBuilder();
    for (JsonNode chunk : chunks) {
      fingerprints.add(chunk.path("system_fingerprint").asString());
      text.append(chunk.path("choices").path(0).path("text").asString(""));
    }
    assertThat(fingerprints).hasSize(1);
    String fingerprint = fingerprints.iterator().next();
    return new Answer(
        Integer.parseInt(fingerprint.substring(1, fingerprint.indexOf('-'))), text.toString());
  }
}
