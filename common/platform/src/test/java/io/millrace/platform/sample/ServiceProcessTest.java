package io.millrace.platform.sample;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.embedded.Ports;
import io.millrace.testing.TestServers;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A service in a process of its own, as the chart's containers run it. */
@Timeout(180)
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

  private Process start(Path own, int port) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Djava.io.tmpdir=" + own,
            "-Dmillrace.temp=own",
            "-cp",
            System.getProperty("java.class.path"),
            SampleService.class.getName(),
            "--server.port=" + port));
    TestServers.properties().entrySet().stream()
        .filter(property -> !property.getKey().equals("server.port"))
        .forEach(property -> command.add("--" + property.getKey() + "=" + property.getValue()));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("output").toFile())
        .start();
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
