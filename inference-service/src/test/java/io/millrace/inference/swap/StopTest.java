package io.millrace.inference.swap;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.inference.InferenceServiceApplication;
import io.millrace.inference.fixture.InferenceFixture;
import io.millrace.inference.fixture.SlowLoads;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.testing.TestServers;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a stop does to requests and loads that are on their way. */
class StopTest {

  /** So many that nobody waits for their end. */
  private static final int ENDLESS = 16_000;

  @Test
  void letsRunningRequestsFinish() throws Exception {
    InferenceFixture service = InferenceFixture.start();
    service.awaitServing(service.publishLanguage("story", 1));
    HttpResponse<InputStream> stream = service.open("/v1/completions", wanted(1500));
    byte[] begin = stream.body().readNBytes(6);

    Thread stop = Thread.ofPlatform().start(service::close);
    String rest = new String(stream.body().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(begin).asString(StandardCharsets.UTF_8).isEqualTo("data: ");
    assertThat(rest).contains("\"finish_reason\":\"length\"").endsWith("data: [DONE]\n\n");
    stop.join();
  }

  @Test
  void abandonsWhatTakesLongerThanTheLimit() throws Exception {
    InferenceFixture service =
        InferenceFixture.start(
            InferenceServiceApplication.class, Map.of("millrace.inference.drain", "50ms"));
    service.awaitServing(service.publishLanguage("story", 1));
    HttpResponse<InputStream> stream = service.open("/v1/completions", wanted(ENDLESS));
    stream.body().readNBytes(6);

    Thread stop = Thread.ofPlatform().start(service::close);
    String rest = new String(stream.body().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(rest).contains("the service is stopping").endsWith("data: [DONE]\n\n");
    stop.join();
  }

  @Test
  void neverTakesAStopForABadVersion() throws Exception {
    Map<String, Object> properties = TestServers.properties();
    InferenceFixture service = InferenceFixture.start(SlowLoads.class, properties);
    SlowLoads.Gate gate = service.bean(SlowLoads.Gate.class);
    gate.open.release();
    ModelVersion first = service.publish("slow", "slow", StopTest::write);
    service.awaitServing(first);
    gate.begun.acquire();
    service.publish("slow", "slow", StopTest::write);
    gate.begun.acquire();
    try (Held<?> held = service.bean(Models.class).acquire("slow", SlowLoads.KIND)) {
      assertThat(held.version()).as("while the next one is loaded").isEqualTo(first);
    }

    Thread stop = Thread.ofPlatform().start(service::close);
    Thread.sleep(300);
    assertThat(stop.isAlive()).as("the stop waits for the load").isTrue();
    gate.open.release();
    stop.join();

    assertThat(outcomes(properties)).containsExactly("serving", "serving");
  }

  private static void write(Path folder) throws IOException {
    Files.writeString(folder.resolve("weights"), "heavy");
  }

  private static List<String> outcomes(Map<String, Object> properties) throws Exception {
    List<String> outcomes = new ArrayList<>();
    try (Connection connection =
            DriverManager.getConnection(
                (String) properties.get("spring.datasource.url"),
                (String) properties.get("spring.datasource.username"),
                (String) properties.get("spring.datasource.password"));
        ResultSet rows =
            connection.createStatement().executeQuery("select outcome from inference.swap")) {
      while (rows.next()) {
        outcomes.add(rows.getString(1));
      }
    }
    return outcomes;
  }

  private static Map<String, Object> wanted(int tokens) throws IOException {
    return Map.of(
        "model", "story", "prompt", "the", "max_tokens", tokens, "temperature", 0, "stream", true);
  }
}
