package io.millrace.training.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.platform.checkpoint.Sha256;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.store.ObjectStore;
import io.millrace.training.fault.FaultPoint;
import io.millrace.training.fixture.Crashes;
import io.millrace.training.fixture.CrashingApplication;
import io.millrace.training.fixture.TrainingFixture;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * A run of 12 steps with a checkpoint every 4, which dies in every way there is and is taken over,
 * ends with the same weights as one that never died: bit for bit, by the SHA-256 of its files.
 *
 * <p>A crash is an {@link Error} thrown where the process would have died: nothing is cleaned up,
 * the lease has to expire. The stream has 11 records in two partitions and two records in a batch,
 * so the crashes lie in different epochs and in the middle of one.
 */
class ExactResumeTest {
  private static TrainingFixture service;
  private static Crashes crashes;
  private static String expected;
  private static String expectedOptimizer;

  @BeforeAll
  static void trainWithoutACrash() throws Exception {
    service =
        TrainingFixture.start(
            CrashingApplication.class,
            Map.of(
                "millrace.training.lease.duration", "300ms",
                "millrace.training.lease.heartbeat", "100ms",
                "millrace.training.lease.poll", "20ms"));
    crashes = service.bean(Crashes.class);
    service.textDataset("text");
    String run = service.createRun("calm", "text", Map.of());
    assertThat(service.awaitEnd(run).get("state").asString()).isEqualTo("succeeded");
    expected = digest("calm", "model.safetensors");
    expectedOptimizer = digest("calm", "optimizer.safetensors");
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  static List<Arguments> plans() {
    return List.of(
        plan("before-any-checkpoint", c -> c.plan(FaultPoint.STEP_LEARNED, 3)),
        plan("before-a-step", c -> c.plan(FaultPoint.BATCH_TAKEN, 6)),
        plan("after-a-step", c -> c.plan(FaultPoint.STEP_LEARNED, 7)),
        plan("after-the-last-step", c -> c.plan(FaultPoint.STEP_LEARNED, 12)),
        plan("before-the-first-file", c -> c.plan(FaultPoint.FILES_WRITTEN, 2)),
        plan("between-files", c -> c.planPut("/optimizer.safetensors", 2)),
        plan("before-the-manifest", c -> c.planPut("/manifest.json", 1)),
        plan("before-the-transaction", c -> c.plan(FaultPoint.FILES_STORED, 2)),
        plan("in-the-transaction", c -> c.plan(FaultPoint.IN_TRANSACTION, 1)),
        plan("after-the-transaction", c -> c.plan(FaultPoint.PUBLISHED, 2)),
        plan("before-the-end", c -> c.plan(FaultPoint.COMPLETING, 1)),
        plan(
            "twice",
            c -> {
              c.plan(FaultPoint.STEP_LEARNED, 6);
              c.plan(FaultPoint.STEP_LEARNED, 3);
            }),
        plan(
            "twice-while-saving",
            c -> {
              c.planPut("/manifest.json", 2);
              c.plan(FaultPoint.IN_TRANSACTION, 1);
            }));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("plans")
  void endsWithTheSameWeights(String name, Consumer<Crashes> plan) throws Exception {
    int before = crashes.happened();
    plan.accept(crashes);

    JsonNode run = service.awaitEnd(service.createRun(name, "text", Map.of()));

    assertThat(run.get("state").asString()).as("%s", run).isEqualTo("succeeded");
    assertThat(crashes.isDone()).isTrue();
    assertThat(run.get("attempts").asInt()).isEqualTo(1 + crashes.happened() - before);
    assertThat(digest(name, "model.safetensors")).isEqualTo(expected);
    assertThat(digest(name, "optimizer.safetensors")).isEqualTo(expectedOptimizer);
    List<ModelVersion> versions = versions(name);
    assertThat(versions.stream().map(ModelVersion::step)).containsExactly(4L, 8L, 12L);
    assertThat(versions.stream().map(ModelVersion::version)).containsExactly(1, 2, 3);
    assertThat(run.get("progress").get("checkpoints").asInt()).isEqualTo(3);
    assertThat(run.get("progress").get("step").asInt()).isEqualTo(12);
    assertNothingIsLeft(name, versions);
  }

  /** The position in the checkpoint is behind all batches of the step, and before any other. */
  @Test
  void holdsWithAccumulationAndAnAverageToo() throws Exception {
    Map<String, Object> fields =
        Map.of("accumulation", 3, "ema_decay", 0.9, "recompute_every", 2, "documents", "crossing");
    service.awaitEnd(service.createRun("calm-parts", "text", fields));
    crashes.plan(FaultPoint.BATCH_TAKEN, 6);
    crashes.plan(FaultPoint.STEP_LEARNED, 3);

    JsonNode run = service.awaitEnd(service.createRun("parts", "text", fields));

    assertThat(run.get("state").asString()).as("%s", run).isEqualTo("succeeded");
    assertThat(run.get("attempts").asInt()).isEqualTo(3);
    for (String file : List.of("model.safetensors", "raw.safetensors", "optimizer.safetensors")) {
      assertThat(digest("parts", file)).as(file).isEqualTo(digest("calm-parts", file));
    }
    assertThat(digest("parts", "raw.safetensors")).isNotEqualTo(expected);
  }

  @Test
  void holdsInFp8Too() throws Exception {
    Map<String, Object> fields = Map.of("precision", "fp8");
    service.awaitEnd(service.createRun("calm-rounded", "text", fields));
    crashes.plan(FaultPoint.STEP_LEARNED, 6);

    JsonNode run = service.awaitEnd(service.createRun("rounded", "text", fields));

    assertThat(run.get("state").asString()).as("%s", run).isEqualTo("succeeded");
    assertThat(run.get("attempts").asInt()).isEqualTo(2);
    for (String file : List.of("model.safetensors", "optimizer.safetensors")) {
      assertThat(digest("rounded", file)).as(file).isEqualTo(digest("calm-rounded", file));
    }
    assertThat(digest("rounded", "model.safetensors")).isNotEqualTo(expected);
  }

  @Test
  void holdsForADetectorToo() throws Exception {
    service.imageDataset("pictures");
    service.awaitEnd(service.createDetectionRun("calm-detector", "pictures", Map.of()));
    crashes.plan(FaultPoint.STEP_LEARNED, 6);
    crashes.planPut("/manifest.json", 1);

    JsonNode run = service.awaitEnd(service.createDetectionRun("detector", "pictures", Map.of()));

    assertThat(run.get("state").asString()).as("%s", run).isEqualTo("succeeded");
    assertThat(run.get("attempts").asInt()).isEqualTo(3);
    assertThat(digest("detector", "model.safetensors"))
        .isEqualTo(digest("calm-detector", "model.safetensors"));
    assertThat(run.get("progress").get("metrics").get("heldout_loss").asDouble()).isPositive();
  }

  @Test
  void holdsForADetectorWithAccumulationAndAnAverage() throws Exception {
    service.imageDataset("scenes");
    Map<String, Object> fields = Map.of("accumulation", 2, "ema_decay", 0.9);
    service.awaitEnd(service.createDetectionRun("calm-scenes", "scenes", fields));
    crashes.plan(FaultPoint.BATCH_TAKEN, 6);

    JsonNode run = service.awaitEnd(service.createDetectionRun("scenes", "scenes", fields));

    assertThat(run.get("state").asString()).as("%s", run).isEqualTo("succeeded");
    assertThat(run.get("attempts").asInt()).isEqualTo(2);
    for (String file : List.of("model.safetensors", "raw.safetensors", "optimizer.safetensors")) {
      assertThat(digest("scenes", file)).as(file).isEqualTo(digest("calm-scenes", file));
    }
    assertThat(digest("scenes", "raw.safetensors"))
        .isNotEqualTo(digest("scenes", "model.safetensors"));
  }

  @Test
  void holdsForADetectorInBfloat16Too() throws Exception {
    service.imageDataset("rounded-scenes");
    Map<String, Object> fields = Map.of("precision", "bf16");
    service.awaitEnd(service.createDetectionRun("exact-scenes", "rounded-scenes", Map.of()));
    service.awaitEnd(service.createDetectionRun("calm-bf16", "rounded-scenes", fields));
    crashes.plan(FaultPoint.STEP_LEARNED, 6);

    JsonNode run = service.awaitEnd(service.createDetectionRun("bf16", "rounded-scenes", fields));

    assertThat(run.get("state").asString()).as("%s", run).isEqualTo("succeeded");
    assertThat(run.get("attempts").asInt()).isEqualTo(2);
    for (String file : List.of("model.safetensors", "optimizer.safetensors")) {
      assertThat(digest("bf16", file)).as(file).isEqualTo(digest("calm-bf16", file));
    }
    assertThat(digest("bf16", "model.safetensors"))
        .isNotEqualTo(digest("exact-scenes", "model.safetensors"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"encoder-text", "encoder-pictures"})
  void holdsForEncodersToo(String preset) throws Exception {
    boolean pictures = preset.equals("encoder-pictures");
    String dataset = "of-" + preset;
    Map<String, Object> fields =
        new HashMap<>(
            Map.of(
                "task",
                "representation",
                "preset",
                preset,
                "accumulation",
                2,
                "ema_decay",
                0.9,
                "negative_count",
                6));
    if (pictures) {
      service.imageDataset(dataset);
      fields.putAll(Map.of("flip", 0.5, "hidden_pixels", 2, "colour_drop", 0.2));
    } else {
      service.textDataset(dataset);
    }
    service.awaitEnd(service.createRun("calm-" + preset, dataset, fields));
    crashes.plan(FaultPoint.BATCH_TAKEN, 6);
    crashes.planPut("/manifest.json", 1);

    JsonNode run = service.awaitEnd(service.createRun(preset, dataset, fields));

    assertThat(run.get("state").asString()).as("%s", run).isEqualTo("succeeded");
    assertThat(run.get("attempts").asInt()).isEqualTo(3);
    for (String file : List.of("model.safetensors", "raw.safetensors", "optimizer.safetensors")) {
      assertThat(digest(preset, file)).as(file).isEqualTo(digest("calm-" + preset, file));
    }
    JsonNode progress = run.get("progress");
    assertThat(progress.get("prediction_loss").size()).isEqualTo(pictures ? 2 : 3);
    for (int k = 0; k < progress.get("information_bound").size(); k++) {
      assertThat(progress.get("information_bound").get(k).asDouble())
          .isLessThanOrEqualTo(progress.get("information_ceiling").get(k).asDouble());
    }
    assertThat(progress.get("metrics").get("heldout_loss").asDouble()).isPositive();
    assertThat(progress.get("metrics").get("vector_width").asInt()).isEqualTo(8);
    ModelVersion version = versions(preset).getLast();
    assertThat(new String(service.file(version, "config.json"), StandardCharsets.UTF_8))
        .contains("\"architecture\" : \"encoder\"");
    if (!pictures) {
      assertThat(service.file(version, "tokenizer.json")).isNotEmpty();
    }
  }

  private static void assertNothingIsLeft(String name, List<ModelVersion> versions)
      throws Exception {
    List<String> locations = versions.stream().map(ModelVersion::location).toList();
    assertThat(service.bean(ObjectStore.class).list("models/" + name))
        .allMatch(
            object -> locations.contains(object.key().substring(0, object.key().lastIndexOf('/'))));
  }

  private static Arguments plan(String name, Consumer<Crashes> plan) {
    return Arguments.of(name, plan);
  }

  private static List<ModelVersion> versions(String model) {
    return service.bean(ModelRegistry.class).models(model);
  }

  private static String digest(String model, String file) throws Exception {
    return Sha256.of(service.file(versions(model).getLast(), file));
  }
}
