package io.millrace.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * What README and tutorials print is what works: their marked commands are run as printed, in a
 * directory of their own beside the platform's home. Only addresses become those of the platform,
 * and {@code curl} fails where the platform refuses.
 */
abstract class PrintedCommandsContract {
  private static final Path ROOT = Path.of("..");
  private static final long TIMEOUT_SECONDS = 500;

  /**
   * A model may need a moment until it serves; whoever types is slower. Kafka's console producer is
   * the one of its release, which is on this class path. What README sets in the reader's shell is
   * set for the other documents too.
   */
  private static final String PREAMBLE =
      """
      set -eu -o pipefail
      curl() { command curl --silent --show-error --fail-with-body --max-time 60 \
        --retry 15 --retry-delay 1 --retry-all-errors "$@"; }
      kafka-console-producer.sh() { '%s' -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp '%s' org.apache.kafka.tools.ConsoleProducer "$@"; }
      H="Authorization: Bearer $(cat .millrace/api-key)"
      API=http://127.0.0.1:8080
      """
          .formatted(
              Path.of(System.getProperty("java.home"), "bin", "java"),
              System.getProperty("java.class.path"));

  private final ContractPlatform platform;

  @TempDir Path directory;

  PrintedCommandsContract(ContractPlatform platform) {
    this.platform = platform;
  }

  @TestFactory
  Stream<DynamicTest> work() throws IOException {
    try (Stream<Path> tutorials = Files.walk(ROOT.resolve("docs"))) {
      return Stream.concat(
              Stream.of(ROOT.resolve("README.md")),
              tutorials.filter(file -> file.toString().endsWith(".md")).sorted())
          .toList()
          .stream()
          .flatMap(this::tests);
    }
  }

  private Stream<DynamicTest> tests(Path document) {
    try {
      return PrintedScript.of(document).stream()
          .map(script ->
              DynamicTest.dynamicTest(
                  ROOT.relativize(document) + " " + script.name(), () -> run(document, script)));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void run(Path document, PrintedScript script) throws Exception {
    Path place = Files.createDirectories(directory.resolve(document.getFileName()));
    if (Files.notExists(place.resolve(".millrace"))) {
      Files.createSymbolicLink(place.resolve(".millrace"), platform.home());
      // Where Docker Compose has it.
      Files.createSymbolicLink(
          Files.createDirectories(place.resolve("compose/secrets")).resolve("api-key"),
          platform.home().resolve("api-key"));
      PrintedInputs.write(place, platform.models());
    }
    launcher(place);
    for (Map.Entry<String, String> file : script.files().entrySet()) {
      Files.writeString(place.resolve(file.getKey()), file.getValue());
    }
    Path file =
        Files.writeString(place.resolve(script.name() + ".sh"), here(PREAMBLE + script.commands()));
    Path output = place.resolve(script.name() + ".output");
    Process process =
        new ProcessBuilder("bash", "-x", file.toString())
            .directory(place.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS))
          .as(Files.readString(output))
          .isTrue();
      assertThat(process.exitValue()).as(Files.readString(output)).isZero();
    } finally {
      process.destroyForcibly();
    }
  }

  /**
   * {@code ./millrace} of the classes that are tested, without building it first; where commands
   * ask a running platform, it is this one.
   */
  private void launcher(Path place) throws IOException {
    Path launcher = place.resolve("millrace");
    Files.writeString(
        launcher,
        """
        #!/bin/sh
        case $1 in detect | classify) set -- "$@" --url %s ;; esac
        exec '%s' --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -Xmx1g \
          -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dai.djl.offline=true -cp '%s' io.millrace.standalone.Main "$@"
        """
            .formatted(
                platform.address(),
                Path.of(System.getProperty("java.home"), "bin", "java"),
                System.getProperty("java.class.path")));
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));
  }

  /** With the addresses of this platform. */
  private String here(String commands) {
    return commands
        .replace("http://127.0.0.1:8080", platform.rest().address().toString())
        .replace("127.0.0.1:9090", platform.grpcAddress())
        .replace("localhost:9092", platform.kafkaAddress());
  }
}
