package io.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.embedded.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** PostgreSQL dies or is paused alone under {@code up}, as the kernel or a person may do it. */
@Timeout(600)
class LostDatabaseTest {

  /** Three times what is promised of SIGTERM in any state, for a machine that is busy. */
  private static final Duration STOP = Duration.ofSeconds(30);

  @TempDir Path directory;

  private final HttpClient http = HttpClient.newHttpClient();

  @Test
  void isStartedAgainAndKeepsNobodyFromStopping() throws IOException, InterruptedException {
    Path home = directory.resolve("home");
    int port = Ports.free();
    try (Launched up = up(home, port)) {
      up.awaitOutput("Millrace is up");
      String key = Files.readString(home.resolve("api-key")).strip();
      String address = "http://127.0.0.1:" + port;

      server(home).destroyForcibly();
      up.awaitOutput("millrace: PostgreSQL has ended by itself (status 137); starting it again");
      // One that was answered with a failure may have been made all the same.
      while (!Set.of(201, 409).contains(create(address, key))) {
        Thread.sleep(200);
      }

      new ProcessBuilder("kill", "-STOP", Long.toString(server(home).pid())).start().waitFor();
      assertThat(up.terminate(STOP)).as(up.output()).isEqualTo(InterruptionTest.SIGTERM);
      assertThat(up.output()).contains("data is kept");
      InterruptionTest.awaitNoProcessOn(home);
    }
  }

  @Test
  void doesNotHoldUpTheEndOfAStart() throws IOException, InterruptedException {
    Path home = directory.resolve("home");
    try (Launched up = up(home, Ports.free())) {
      up.awaitOutput("starting the services");
      // Services that connect from now on wait for an answer.
      new ProcessBuilder("kill", "-STOP", Long.toString(server(home).pid())).start().waitFor();
      assertThat(up.terminate(STOP)).as(up.output()).isEqualTo(InterruptionTest.SIGTERM);
      InterruptionTest.awaitNoProcessOn(home);
    }
  }

  private int create(String address, String key) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(URI.create(address + "/api/datasets"))
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"name\": \"after\", \"kind\": \"text\"}"))
                .build(),
            BodyHandlers.ofString());
    return answer.statusCode();
  }

  private static ProcessHandle server(Path home) throws IOException {
    List<String> lines = Files.readAllLines(home.resolve("postgres/data/postmaster.pid"));
    return ProcessHandle.of(Long.parseLong(lines.getFirst().strip())).orElseThrow();
  }

  private Launched up(Path home, int port) throws IOException {
    return Launched.start(
        directory.resolve("output"),
        home,
        "up",
        "--home",
        home.toString(),
        "--port",
        "" + port,
        "--grpc-port",
        "" + Ports.free(),
        "--device",
        "cpu");
  }
}
