package io.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.embedded.Ports;
import io.millrace.standalone.up.Platform;
import io.millrace.standalone.up.PlatformSettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code kill -9} of everything in the middle of a run: the next {@code up} ends the run, and
 * deletes the temporary files that were left in the home directory, the only place that has any. A
 * backup of what was killed goes on in the same way.
 */
@Timeout(600)
class KilledPlatformTest {

  private static final int STEPS = 24;

  @TempDir Path directory;

  private final HttpClient http = HttpClient.newHttpClient();

  @Test
  void resumesFromTheLastCheckpointByItself() throws IOException, InterruptedException {
    Path home = directory.resolve("home");
    PlatformSettings settings = new PlatformSettings(home, Ports.free(), Ports.free(), "cpu");
    String address = "http://127.0.0.1:" + settings.port();
    try (Launched demo =
        Launched.start(
            directory.resolve("output"),
            home,
            "demo",
            "--home",
            home.toString(),
            "--port",
            "" + settings.port(),
            "--grpc-port",
            "" + settings.grpcPort(),
            "--device",
            "cpu",
            "--task",
            "language",
            "--package",
            "java/util/function",
            "--steps",
            "" + STEPS)) {
      demo.awaitOutput("training ");
      String key = Files.readString(home.resolve("api-key")).strip();
      // The untrained model, and one that has learned something.
      while (progress(address, key).path("checkpoints").asLong() < 2) {
        Thread.sleep(100);
      }
      demo.kill();
      assertThat(home.resolve("tmp")).isNotEmptyDirectory();
    }
    Path elsewhere = directory.resolve("elsewhere");
    String backup = directory.resolve("backup").toString();
    assertThat(Main.run("backup", backup, "--home", home.toString())).isZero();
    assertThat(Main.run("restore", backup, "--home", elsewhere.toString())).isZero();

    try (Platform again = Platform.start(settings, _ -> {})) {
      assertThat(home.resolve("tmp")).isEmptyDirectory();
      endsTheRun(again);
    }
    goesOnFromABackup(elsewhere);
  }

  /** What was backed up between the kill and the next start has all that the home has. */
  private void goesOnFromABackup(Path home) throws IOException, InterruptedException {
    PlatformSettings settings = new PlatformSettings(home, Ports.free(), Ports.free(), "cpu");
    try (Platform restored = Platform.start(settings, _ -> {})) {
      String model = endsTheRun(restored);
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(restored.address().resolve("/v1/completions"))
                  .header("Authorization", "Bearer " + restored.apiKey())
                  .header("Content-Type", "application/json")
                  .POST(
                      BodyPublishers.ofString(
                          "{\"model\": \"%s\", \"prompt\": \"int\", \"max_tokens\": 4}"
                              .formatted(model)))
                  .build(),
              BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }
  }

  /** Waits until the only run has ended well; its model. */
  private String endsTheRun(Platform platform) throws IOException, InterruptedException {
    String address = platform.address().toString();
    JsonNode run = run(address, platform.apiKey());
    while (run.path("state").asString().matches("queued|running")) {
      Thread.sleep(200);
      run = run(address, platform.apiKey());
    }
    assertThat(run.path("state").asString()).as(run.toPrettyString()).isEqualTo("succeeded");
    assertThat(run.path("progress").path("step").asInt()).isEqualTo(STEPS);
    assertThat(run.path("progress").path("checkpoints").asLong()).isEqualTo(5);
    return run.path("request").path("model").asString();
  }

  private JsonNode progress(String address, String key) throws IOException, InterruptedException {
    return run(address, key).path("progress");
  }

  private JsonNode run(String address, String key) throws IOException, InterruptedException {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(URI.create(address + "/api/runs"))
                .header("Authorization", "Bearer " + key)
                .build(),
            BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return JsonMapper.shared().readTree(response.body()).path("runs").path(0);
  }
}
