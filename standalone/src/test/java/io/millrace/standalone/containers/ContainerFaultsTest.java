package io.millrace.standalone.containers;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.standalone.FirstModel;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/**
 * The services' images beside Kafka and PostgreSQL in containers: cut off the network, paused,
 * killed under load, nothing is lost. In profile {@code containers}.
 */
@Tag("containers")
@Timeout(1500)
class ContainerFaultsTest {
  private static final Duration LENGTH = Duration.ofSeconds(4);

  /** Longer than a lease of a run (8 s), so that it is lost where that is possible. */
  private static final Duration TRAINING_LENGTH = Duration.ofSeconds(11);

  private static final Duration LIMIT = Duration.ofMinutes(6);
  private static final int STEPS = 300;

  private static Stack stack;

  @BeforeAll
  static void start() throws Exception {
    ComposeImages.require(
        List.of("kafka", "postgres", "data", "training", "inference-language", "gateway"));
    stack = Stack.start();
    FirstModel.learn(stack.api());
  }

  @AfterAll
  static void stop() {
    if (stack != null) {
      stack.close();
    }
  }

  /** Each container in turn, while documents, completions and a run are on their way. */
  @ParameterizedTest
  @EnumSource(Fault.class)
  void loseNothing(Fault fault) throws Exception {
    String name = fault.name().toLowerCase(Locale.ROOT).replace('_', '-');
    stack.api().post("/api/datasets", Map.of("name", name, "kind", "text"));
    String run = FirstModel.startRun(stack.api(), "learned-while-" + name, STEPS, 20);
    Load load = Load.start(stack::api, name, "rhymer");
    try (load) {
      for (String container : Stack.CONTAINERS) {
        int documents = load.documents();
        int completions = load.completions();
        Duration recovery =
            fault.strike(stack, container, container.equals("training") ? TRAINING_LENGTH : LENGTH);
        System.out.printf("%s %s: all ready after %d s%n", name, container, recovery.toSeconds());
        Awaitility.await("both clients go on after " + container)
            .atMost(LIMIT)
            .until(() -> load.documents() > documents + 1 && load.completions() > completions + 1);
      }
    }
    System.out.printf(
        "%s: %d documents, %d completions, %d tries repeated%n",
        name, load.documents(), load.completions(), load.failures().size());

    assertThat(load.lost()).as("failed tries: %s", load.failures()).isEmpty();
    JsonNode dataset = stack.api().get("/api/datasets/" + name);
    assertThat(dataset.at("/counts/documents").asInt()).isEqualTo(load.documents());
    Awaitility.await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> FirstModel.state(stack.api(), run), state -> !state.matches("queued|running"));
    JsonNode ended = stack.api().get("/api/runs/" + run);
    assertThat(ended.at("/state").asString()).as(ended.toString()).isEqualTo("succeeded");
    assertThat(ended.at("/progress/step").asInt()).as(ended.toString()).isEqualTo(STEPS);
  }
}
