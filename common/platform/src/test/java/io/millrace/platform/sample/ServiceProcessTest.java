package io.millrace.platform.sample;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.embedded.Ports;
import io.millrace.platform.security.InternalToken;
import io.millrace.testing.TestServers;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A service in a process of its own, as the chart's containers run it. */
@Timeout(400)
class ServiceProcessTest {

  private static final Duration LIMIT = Duration.ofSeconds(120);

  @TempDir Path directory;

  @Test
  void deletesItsTemporaryFilesInTheEndAndAtTheNextStart() throws Exception {
    Path own = directory.resolve("own");
    Path left = Files.createDirectories(own.resolve("tomcat.8080.1"));
    int port = Ports.free();
    Process service = start(own, port);
    try {
      Awaitility.await()
          .atMost(LIMIT)
          .until(() -> {
            assertThat(service.isAlive()).as(output()).isTrue();
            return isUp(port);
          });
      assertThat(left).doesNotExist();
      assertThat(own).isNotEmptyDirectory();

      service.destroy();
      assertThat(service.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).as(output()).isTrue();
      assertThat(own).doesNotExist();
    } finally {
      service.destroyForcibly();
    }
  }

  /** Lines of JSON with the ids of traces, and nothing secret in them. */
  @Test
  void logsInJson() throws Exception {
    String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    int port = Ports.free();
    String token =
        new InternalToken(TestServers.INTERNAL_SECRET, Duration.ofMinutes(5), Clock.systemUTC())
            .issue("key:test");
    Process service =
        start(directory.resolve("own"), port, "--logging.structured.format.console=ecs");
    try (HttpClient http = HttpClient.newHttpClient()) {
      Awaitility.await()
          .atMost(LIMIT)
          .until(() -> {
            assertThat(service.isAlive()).as(output()).isTrue();
            return isUp(port);
          });
      URI defect = URI.create("http://127.0.0.1:" + port + "/api/sample/defect");
      HttpRequest request =
          HttpRequest.newBuilder(defect)
              .header(InternalToken.HEADER, token)
              .header("traceparent", "00-" + trace + "-00f067aa0ba902b7-01")
              .build();
      assertThat(http.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(500);
    } finally {
      service.destroy();
      assertThat(service.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    List<JsonNode> lines =
        output()
            .lines()
            // The JVM's own, before there is a log.
            .filter(line -> !line.startsWith("WARNING: "))
            .map(line -> JsonMapper.shared().readTree(line))
            .toList();
    assertThat(lines)
        .isNotEmpty()
        .allSatisfy(line -> {
          assertThat(line.path("@timestamp").isString()).isTrue();
          assertThat(line.path("service").path("name").asString()).isEqualTo("sample-service");
        });
    assertThat(lines)
        .filteredOn(line -> line.path("message").asString().startsWith("internal error"))
        .singleElement()
        .satisfies(line -> {
          assertThat(line.path("traceId").asString()).isEqualTo(trace);
          assertThat(line.path("spanId").asString()).matches("[0-9a-f]{16}");
          assertThat(line.path("error").path("stack_trace").asString()).contains("Things.defect");
        });
    assertThat(output()).doesNotContain(TestServers.INTERNAL_SECRET, token);
  }

  private Process start(Path own, int port, String... more) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:TieredStopAtLevel=1",
            "-Djava.io.tmpdir=" + own,
            "-Dmillrace.temp=own",
            "-cp",
            classPath(),
            SampleService.class.getName(),
            "--server.port=" + port));
    TestServers.properties().entrySet().stream()
        .filter(property -> !property.getKey().equals("server.port"))
        .forEach(property -> command.add("--" + property.getKey() + "=" + property.getValue()));
    command.addAll(List.of(more));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("output").toFile())
        .start();
  }

  /** Without the tests' own logging. */
  private static String classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> !entry.contains("/common/testing/target/"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  private String output() throws IOException {
    return Files.readString(directory.resolve("output"));
  }

  private static boolean isUp(int port) throws InterruptedException {
    URI readiness = URI.create("http://127.0.0.1:" + port + "/actuator/health/readiness");
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(HttpRequest.newBuilder(readiness).build(), BodyHandlers.discarding())
              .statusCode()
          == 200;
    } catch (IOException notYet) {
      return false;
    }
  }
}
