package io.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.embedded.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A platform that is told to end, whatever it is doing, leaves no server, no open log and no
 * temporary file behind.
 */
@Timeout(600)
class InterruptionTest {

  static final int SIGTERM = 128 + 15;

  @TempDir Path directory;

  @Test
  void leavesNothingBehindInAnyPhase() throws IOException, InterruptedException {
    Path home = directory.resolve("home");
    // While the database is made, while services start on it.
    for (String phase : List.of("starting PostgreSQL", "starting the services")) {
      try (Launched up = launch("up", home)) {
        up.awaitOutput(phase);
        stops(up, home);
      }
    }
    try (Launched demo =
        launch("demo", home, "--task", "language", "--package", "java/util/function")) {
      demo.awaitOutput("training ");
      stops(demo, home);
      assertThat(demo.output()).doesNotContain("FAILED", "unexpected failure");
    }
  }

  /** In time; or by force, on a machine that is too busy for that. */
  private static void stops(Launched launched, Path home) throws IOException, InterruptedException {
    assertThat(launched.terminate()).as(launched.output()).isEqualTo(SIGTERM);
    assertThat(launched.output())
        .contains("interrupted: stopping ...", "; data is kept")
        .doesNotContain("Shutdown in progress");
    awaitNoProcessOn(home);
    if (!launched.output().contains("ended by force")) {
      assertThat(home.resolve("tmp")).doesNotExist();
      Path log = home.resolve("kafka/log");
      if (hasTopics(log)) {
        assertThat(log.resolve(".kafka_cleanshutdown")).exists();
      }
    }
  }

  /** A broker that was told to end before it was up has none, and nothing to close. */
  private static boolean hasTopics(Path log) throws IOException {
    if (!Files.exists(log)) {
      return false;
    }
    try (Stream<Path> entries = Files.list(log)) {
      return entries.anyMatch(
          entry -> Files.isDirectory(entry) && !entry.endsWith("__cluster_metadata-0"));
    }
  }

  /** What was killed is gone in a moment; what was forgotten never is. */
  static void awaitNoProcessOn(Path home) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(processesOn(home)).isEmpty());
  }

  /** Programs that name the directory: a server, or one that makes a database. */
  private static List<String> processesOn(Path home) {
    return ProcessHandle.allProcesses()
        .map(process -> process.info().arguments().map(Arrays::asList).orElseGet(List::of))
        .map(arguments -> String.join(" ", arguments))
        .filter(arguments -> arguments.contains(home.toString()))
        .toList();
  }

  private Launched launch(String command, Path home, String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of(command, "--home", home.toString()));
    arguments.addAll(List.of("--port", "" + Ports.free(), "--grpc-port", "" + Ports.free()));
    arguments.addAll(List.of("--device", "cpu"));
    arguments.addAll(List.of(more));
    return Launched.start(directory.resolve("output"), home, arguments.toArray(String[]::new));
  }
}
