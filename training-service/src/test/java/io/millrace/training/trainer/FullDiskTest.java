package io.millrace.training.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.store.ObjectStore;
import io.millrace.training.fixture.Crashes;
import io.millrace.training.fixture.CrashingApplication;
import io.millrace.training.fixture.TrainingFixture;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** There is no room for a checkpoint, or its files cannot be reached. */
class FullDiskTest {
  private static TrainingFixture service;

  @BeforeAll
  static void start() throws Exception {
    service =
        TrainingFixture.start(
            CrashingApplication.class,
            Map.of(
                "millrace.training.lease.duration", "300ms",
                "millrace.training.lease.heartbeat", "100ms",
                "millrace.training.max-stalled-attempts", 2));
    service.textDataset("text");
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @ParameterizedTest
  @CsvSource({"storing,/model.safetensors", "writing," + Crashes.STAGING})
  void triesAgainFromTheLastCheckpoint(String model, String place) throws Exception {
    service.bean(Crashes.class).fillDisk(place, 1);

    JsonNode run = service.awaitEnd(service.createRun(model, "text", Map.of()));

    assertThat(run.get("state").asString()).as("%s", run).isEqualTo("succeeded");
    assertThat(run.get("error").isNull()).isTrue();
    assertThat(run.get("attempts").asInt()).isEqualTo(2);
    assertThat(service.bean(ModelRegistry.class).models(model).stream().map(ModelVersion::step))
        .containsExactly(4L, 8L, 12L);
  }

  @Test
  void triesAgainWhenTheFileSystemFails() throws Exception {
    service.bean(Crashes.class).loseFiles("stale");

    JsonNode run = service.awaitEnd(service.createRun("stale", "text", Map.of()));

    assertThat(run.get("state").asString()).as("%s", run).isEqualTo("succeeded");
    assertThat(run.get("attempts").asInt()).isEqualTo(2);
  }

  @Test
  void givesUpWithTheReasonAndLeavesNothingBehind() throws Exception {
    service.bean(Crashes.class).fillDisk("/manifest.json", 2);

    JsonNode run = service.awaitEnd(service.createRun("never", "text", Map.of()));

    assertThat(run.get("state").asString()).isEqualTo("failed");
    assertThat(run.get("error").asString())
        .contains("gave up: 2 attempts in a row", "cannot save step 4", "No space left on device");
    assertThat(service.bean(ObjectStore.class).list("models/never")).isEmpty();
  }
}
