package io.millrace.standalone.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

@Timeout(180)
class ProcessEndTest {

  @Test
  void endsWhileThoseThatStopNeverDo() throws Exception {
    String classes =
        Stream.of(ProcessEnd.class, ProcessEndTest.class, LoggerFactory.class)
            .map(
                type -> Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath()))
            .map(Path::toString)
            .collect(Collectors.joining(File.pathSeparator));
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classes,
                Stopping.class.getName())
            .inheritIO()
            .start();

    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(StopLimit.TERMINATED);
  }

  /** A process that was told to end, whose parts wait for what will not come. */
  static final class Stopping {
    private Stopping() {}

    public static void main(String[] arguments) {
      CountDownLatch stopping = new CountDownLatch(1);
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(() -> {
                stopping.countDown();
                waitFor(new CountDownLatch(1));
              }));
      Thread.ofPlatform()
          .daemon()
          .start(() -> {
            waitFor(stopping);
            ProcessEnd.atOnce(StopLimit.TERMINATED);
          });
      System.exit(0);
    }

    private static void waitFor(CountDownLatch latch) {
      try {
        latch.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
