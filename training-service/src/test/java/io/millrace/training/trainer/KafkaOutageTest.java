package io.millrace.training.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.embedded.EmbeddedKafka;
import io.millrace.testing.TestServers;
import io.millrace.training.TrainingServiceApplication;
import io.millrace.training.fixture.TrainingFixture;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Kafka goes away and comes back while runs learn and begin. */
class KafkaOutageTest {
  /** Longer than a stream waits before it asks whether the log is still there. */
  private static final int AWAY_MILLIS = 21_000;

  private final Path data = TestServers.freshDirectory();

  @Test
  void waitsForKafkaAndGoesOnWhereItWas() throws Exception {
    EmbeddedKafka kafka = EmbeddedKafka.start(data, 0);
    int port = kafka.port();
    try (TrainingFixture service =
        TrainingFixture.start(
            TrainingServiceApplication.class,
            Map.of(
                "millrace.kafka.bootstrap-servers",
                kafka.bootstrapServers(),
                "millrace.kafka.admin-timeout",
                "5s",
                "millrace.training.concurrent-runs",
                2))) {
      service.textDataset("text");
      String before = endless(service, "before");
      service.awaitStep(before, 1);

      kafka.close();
      String during = endless(service, "during");
      Thread.sleep(AWAY_MILLIS);

      long waitingAt = requireRuns(service, before);
      assertThat(requireRuns(service, during)).isZero();
      kafka = EmbeddedKafka.start(data, port);
      service.awaitStep(before, waitingAt + 1);
      service.awaitStep(during, 1);
      for (String run : new String[] {before, during}) {
        assertThat(service.get("/api/runs/" + run).get("attempts").asInt()).isEqualTo(1);
        service.send("POST", "/api/runs/" + run + "/cancel", "");
        assertThat(service.awaitEnd(run).get("state").asString()).isEqualTo("cancelled");
      }
    } finally {
      kafka.close();
    }
  }

  private static String endless(TrainingFixture service, String model) throws Exception {
    return service.createRun(model, "text", Map.of("steps", 1_000_000, "checkpoint_every", 0));
  }

  private static long requireRuns(TrainingFixture service, String id) throws Exception {
    JsonNode run = service.get("/api/runs/" + id);
    assertThat(run.get("state").asString()).as("%s", run).isEqualTo("running");
    return run.get("progress").get("step").asLong();
  }
}
