package io.millrace.platform.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.kafka.TestKafka;
import io.millrace.platform.kafka.TopicSpec;
import io.millrace.testing.Waiting;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A broker that is there and does not answer: nobody waits for it in order to end. */
@Timeout(300)
class PausedKafkaTest {
  /** Less than a consumer takes to part from a broker, 30 s, and a producer, two minutes. */
  private static final Duration LIMIT = Duration.ofSeconds(20);

  @TempDir Path directory;

  @Test
  void keepsNoReaderFromEnding() throws Exception {
    Process broker =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                KafkaProcess.class.getName(),
                directory.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    try {
      Path ready = directory.resolve("ready");
      while (!Files.exists(ready)) {
        assertThat(broker.isAlive()).as(directory + "/log").isTrue();
        Thread.sleep(50);
      }
      KafkaClients kafka = TestKafka.clients(Files.readString(ready));
      kafka.ensureTopic(TopicSpec.compacted("paused", 1));
      EventCodec codec = new EventCodec(URI.create("/test"), Clock.systemUTC());
      EventReader reader =
          EventReader.start(
              kafka, codec, "paused-reader", "paused", EventReader.Start.BEGINNING, event -> {});
      assertThat(reader.awaitCaughtUp(Waiting.TIMEOUT)).isTrue();
      new ProcessBuilder("kill", "-STOP", Long.toString(broker.pid())).start().waitFor();

      assertTimeoutPreemptively(LIMIT, reader::close);
      assertTimeoutPreemptively(LIMIT, kafka::close);
    } finally {
      broker.destroyForcibly().waitFor();
    }
  }
}
