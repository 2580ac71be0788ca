package io.millrace.training.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.DatasetEntry.TokenizerEntry;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.registry.Registry;
import io.millrace.platform.store.ObjectStore;
import io.millrace.training.fixture.TrainingFixture;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Runs under names that there are already, and runs that begin from a published model. */
class ModelNamesTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static TrainingFixture service;
  private static ModelRegistry models;

  @BeforeAll
  static void start() throws Exception {
    service = TrainingFixture.start();
    models = service.bean(ModelRegistry.class);
    service.textDataset("text");
    service.imageDataset("pictures");
    end(service.createRun("writer", "text", Map.of("steps", 30, "checkpoint_every", 15)));
    end(
        service.createDetectionRun(
            "finder", "pictures", Map.of("steps", 4, "checkpoint_every", 0)));
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @Test
  void doesNotReplaceAModelThatNobodySaidMayBeReplaced() throws Exception {
    HttpResponse<String> answer = create(Map.of());

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(409);
    assertThat(JSON.readTree(answer.body()).get("detail").asString())
        .isEqualTo(
            "model 'writer' has version 2 already: choose another name, send \"replace\": true to let"
                + " this run's checkpoints take its place, or \"from\": \"writer\" to learn on from it");
    assertThat(models.models("writer")).hasSize(2);
  }

  @Test
  void replacesAModelIfItIsTold() throws Exception {
    end(service.createRun("old", "text", Map.of("steps", 1, "checkpoint_every", 0)));

    end(
        service.createRun(
            "old", "text", Map.of("steps", 2, "checkpoint_every", 0, "replace", true)));

    assertThat(models.models("old")).extracting(ModelVersion::step).containsExactly(1L, 2L);
  }

  @Test
  void doesNotShareANameWithAnotherRunThatLearns() throws Exception {
    String first = service.createRun("shared", "text", Map.of("steps", 1_000_000));
    HttpResponse<String> answer = create(Map.of("model", "shared"));
    service.send("POST", "/api/runs/" + first + "/cancel", "");
    service.awaitEnd(first);

    assertThat(answer.statusCode()).isEqualTo(409);
    assertThat(answer.body()).contains("is being learned by run '" + first + "'");
  }

  @Test
  void beginsWithTheWeightsOfAModel() throws Exception {
    JsonNode run =
        end(
            service.createRun(
                "copy",
                "text",
                Map.of("from", "writer@1", "steps", 4, "checkpoint_at_start", true)));

    assertThat(run.at("/request/from").asString()).isEqualTo("writer@1");
    assertThat(run.at("/request/preset").asString()).isEqualTo("tiny");
    assertThat(file("copy", 1, "model.safetensors"))
        .isEqualTo(file("writer", 1, "model.safetensors"));
    assertThat(file("copy", 1, "optimizer.safetensors"))
        .as("the optimizer begins afresh")
        .isNotEqualTo(file("writer", 1, "optimizer.safetensors"));
  }

  @Test
  void beginsFromTheNewestVersionAndFillsInThePreset() throws Exception {
    Map<String, Object> fields = new LinkedHashMap<>(Map.of("from", "writer", "steps", 4));
    fields.put("preset", null);
    JsonNode run = end(service.createRun("further", "text", fields));

    assertThat(run.at("/request/from").asString()).isEqualTo("writer@2");
    assertThat(run.at("/request/preset").asString()).isEqualTo("tiny");
    assertThat(run.at("/request/batch_size").asInt()).isEqualTo(2);
    assertThat(run.at("/progress/first_loss").asDouble())
        .as("it knows what writer knows")
        .isLessThan(
            models.model("writer", 1).orElseThrow().metrics().getOrDefault("heldout_loss", 0.0)
                + 0.5);
  }

  /** A name that is learned on needs no replace; and an average begins with what is published. */
  @Test
  void learnsOnUnderTheSameName() throws Exception {
    end(service.createRun("kept", "text", Map.of("checkpoint_every", 0)));

    JsonNode run =
        end(
            service.createRun(
                "kept", "text", Map.of("from", "kept", "steps", 4, "ema_decay", 0.9)));

    assertThat(run.at("/progress/latest_version").asInt()).isEqualTo(2);
    assertThat(models.models("kept")).hasSize(2);
  }

  @Test
  void beginsADetectorFromADetector() throws Exception {
    JsonNode run =
        end(
            service.createDetectionRun(
                "finder-2",
                "pictures",
                Map.of("from", "finder", "steps", 4, "checkpoint_at_start", true)));

    assertThat(run.at("/request/from").asString()).isEqualTo("finder@1");
    assertThat(file("finder-2", 1, "model.safetensors"))
        .isEqualTo(file("finder", 1, "model.safetensors"));
  }

  @Test
  void saysWhyAModelCannotBeBegunFrom() throws Exception {
    Registry registry = service.bean(Registry.class);
    registry.createDataset(
        new DatasetEntry(
            "other-tokenizer", new Content.Text(32, otherTokenizer()), 1, Instant.EPOCH));
    registry.createDataset(
        new DatasetEntry(
            "other-classes",
            new Content.Pictures(32, 32, List.of("wide", "square")),
            1,
            Instant.EPOCH));

    refuses(Map.of("from", "finder"), 409, "model 'finder' is of task detection");
    refuses(Map.of("from", "writer", "preset", "nano"), 400, "is of preset tiny");
    refuses(
        Map.of("from", "writer", "dataset", "other-tokenizer"),
        409,
        "model 'writer@2' has another tokenizer than dataset 'other-tokenizer'");
    refuses(
        Map.of(
            "from", "finder", "task", "detection", "preset", "speck", "dataset", "other-classes"),
        409,
        "model 'finder@1' finds the classes [square, wide], dataset 'other-classes' has [wide, square]");
    refuses(
        Map.of("from", "writer@1", "precision", "fp8", "ema_decay", 1.5), 400, "ema_decay must be");
  }

  private static void refuses(Map<String, Object> fields, int status, String message)
      throws Exception {
    HttpResponse<String> answer = create(fields);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(JSON.readTree(answer.body()).get("detail").asString()).contains(message);
  }

  private static TokenizerEntry otherTokenizer() throws Exception {
    byte[] json =
        new io.millrace.language.tokenize.BpeTrainer(270, (done, of) -> {})
            .train(List.of("another text"))
            .toJson();
    service
        .bean(ObjectStore.class)
        .put("datasets/other-tokenizer/tokenizer.json", json, ObjectStore.IfPresent.FAIL);
    return new TokenizerEntry(
        "datasets/other-tokenizer/tokenizer.json",
        io.millrace.platform.checkpoint.Sha256.of(json),
        270);
  }

  private static HttpResponse<String> create(Map<String, Object> fields) throws Exception {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("model", "writer");
    body.put("task", "language");
    body.put("dataset", "text");
    body.put("preset", "tiny");
    body.put("steps", 1);
    body.putAll(fields);
    return service.send("POST", "/api/runs", JSON.writeValueAsString(body));
  }

  private static byte[] file(String model, int version, String name) throws Exception {
    return service.file(models.model(model, version).orElseThrow(), name);
  }

  private static JsonNode end(String id) throws Exception {
    JsonNode run = service.awaitEnd(id);
    assertThat(run.get("state").asString()).as("%s", run).isEqualTo("succeeded");
    return run;
  }
}
