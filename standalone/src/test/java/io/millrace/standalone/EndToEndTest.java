package io.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.embedded.Ports;
import io.millrace.standalone.up.Platform;
import io.millrace.standalone.up.PlatformSettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The whole loop with few steps on real servers: both tasks, then a second start on the same home
 * that finds datasets, runs and models again.
 */
class EndToEndTest {

  /** So many that the untrained model serves before the next version comes. */
  private static final String STEPS = "24";

  @TempDir Path directory;

  private final HttpClient http = HttpClient.newHttpClient();

  @Test
  void learnsServesAndFindsEverythingAgain() throws IOException, InterruptedException {
    Path home = directory.resolve("home");
    Path report = directory.resolve("report.json");
    int port = Ports.free();
    int grpcPort = Ports.free();
    int status =
        Main.run(
            "demo",
            "--home",
            home.toString(),
            "--port",
            String.valueOf(port),
            "--grpc-port",
            String.valueOf(grpcPort),
            "--device",
            "cpu",
            "--package",
            "java/util/function",
            "--steps",
            STEPS,
            "--out",
            directory.resolve("out").toString(),
            "--report",
            report.toString());

    JsonNode result = JsonMapper.shared().readTree(Files.readAllBytes(report));
    assertThat(status).as(result.toPrettyString()).isZero();
    assertThat(result.path("ok").asBoolean()).isTrue();
    JsonNode language = result.path("language");
    assertThat(language.path("documents").asInt()).isGreaterThan(40);
    assertThat(language.path("tokens_lost").asInt()).isZero();
    assertThat(language.path("checkpoints").asInt()).isEqualTo(4);
    assertThat(language.path("swaps").asInt()).isBetween(1, 4);
    assertThat(language.path("requests").asInt()).isPositive();
    assertThat(language.path("requests_failed").asInt()).isZero();
    assertThat(language.path("unigram_entropy").asDouble()).isBetween(3.0, 7.0);
    assertThat(language.path("completion_after").asString())
        .isNotEqualTo(language.path("completion_before").asString());
    JsonNode detection = result.path("detection");
    assertThat(detection.path("images").asInt()).isPositive();
    assertThat(detection.path("loss_last").asDouble())
        .isLessThan(detection.path("loss_first").asDouble());
    assertThat(detection.path("requests_failed").asInt()).isZero();
    try (Stream<Path> pictures = Files.list(directory.resolve("out"))) {
      assertThat(pictures).isNotEmpty();
    }

    // As after the key was revoked, or the database made anew.
    Files.writeString(home.resolve("api-key"), "mr_0123456789_" + "x".repeat(43) + "\n");
    try (Platform again =
        Platform.start(new PlatformSettings(home, port, grpcPort, "cpu"), line -> {})) {
      JsonNode readiness = get(again, "/actuator/health/services");
      assertThat(readiness.path("status").asString()).isEqualTo("UP");
      assertThat(readiness.path("components").propertyNames())
          .contains("data-service", "training-service", "inference-service");
      assertThat(get(again, "/api/datasets").path("datasets").size()).isEqualTo(2);
      JsonNode runs = get(again, "/api/runs").path("runs");
      assertThat(runs.size()).isEqualTo(2);
      runs.forEach(run -> assertThat(run.path("state").asString()).isEqualTo("succeeded"));
      JsonNode models = get(again, "/api/models").path("models");
      assertThat(models.size()).isEqualTo(2);
      models.forEach(model -> assertThat(model.path("version").asInt()).isPositive());
      String name = get(again, "/v1/models").path("data").path(0).path("id").asString();
      assertThat(name).isNotEmpty();
      assertThat(Files.readString(home.resolve("api-key")).strip()).isEqualTo(again.apiKey());
      assertThat(send(again, "/v1/models", "nonsense").statusCode()).isEqualTo(401);
    }
  }

  @Test
  @Timeout(900)
  void namesTheStageThatFailed() throws IOException {
    Path report = directory.resolve("report.json");
    Path tiny = Files.writeString(directory.resolve("tiny.txt"), "a b c");
    Terminal demo =
        Terminal.run(
            "demo",
            "--home",
            directory.resolve("home").toString(),
            "--port",
            String.valueOf(Ports.free()),
            "--grpc-port",
            String.valueOf(Ports.free()),
            "--device",
            "cpu",
            "--task",
            "language",
            "--data",
            tiny.toString(),
            "--steps",
            "4",
            "--report",
            report.toString());
    assertThat(demo.status()).as(demo.out() + demo.err()).isEqualTo(1);
    assertThat(demo.out()).contains("FAILED after");
    JsonNode result = JsonMapper.shared().readTree(Files.readAllBytes(report));
    assertThat(result.path("ok").asBoolean(true)).isFalse();
    assertThat(result.path("error").asString()).matches("[a-z ]+: .+");
    assertThat(demo.err())
        .contains("millrace: the demo failed: " + result.path("error").asString());
  }

  private JsonNode get(Platform platform, String path) throws IOException, InterruptedException {
    HttpResponse<String> response = send(platform, path, platform.apiKey());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return JsonMapper.shared().readTree(response.body());
  }

  private HttpResponse<String> send(Platform platform, String path, String key)
      throws IOException, InterruptedException {
    URI uri = platform.address().resolve(path);
    return http.send(
        HttpRequest.newBuilder(uri).header("Authorization", "Bearer " + key).build(),
        BodyHandlers.ofString());
  }
}
