package io.millrace.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.standalone.contract.Inference.Completion;
import io.millrace.standalone.contract.Inference.Found;
import io.millrace.standalone.contract.Inference.Likely;
import io.millrace.vision.detector.DetectorPresets;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What serves, and what it answers. */
abstract class InferenceContract {
  private static final String PROMPT = "The mill at river";

  private final Inference inference;
  private final LearnedModels models;

  InferenceContract(Inference inference, LearnedModels models) {
    this.inference = inference;
    this.models = models;
  }

  @Test
  void listsWhatServes() {
    String language = models.language();
    String detection = models.detection();
    String classification = models.classification();
    List<Inference.Model> serving =
        inference.models().stream()
            .filter(model -> List.of(language, detection, classification).contains(model.name()))
            .toList();
    assertThat(serving)
        .extracting(Inference.Model::task)
        .contains("language", "detection", "classification");
    assertThat(serving)
        .allSatisfy(model -> {
          assertThat(model.version()).isOne();
          assertThat(model.digest()).matches("[0-9a-f]{64}");
        });
  }

  @Test
  void continuesAPrompt() {
    Completion completion = inference.complete(models.language(), PROMPT, 8);
    assertThat(completion.promptTokens()).isPositive();
    assertThat(completion.tokens()).isBetween(1, 8);
    assertThat(completion.end()).isEqualTo(completion.tokens() == 8 ? "length" : "stop");
    assertThat(inference.complete(models.language(), PROMPT, 8))
        .as("the likeliest continuation is the same each time")
        .isEqualTo(completion);
  }

  @Test
  void findsObjects() {
    Found found = inference.detect(models.detection(), new Scene(3).png(), 5);
    assertThat(found.imageWidth()).isEqualTo(Scene.SIDE);
    assertThat(found.imageHeight()).isEqualTo(Scene.SIDE);
    assertThat(found.boxes())
        .hasSizeBetween(1, 5)
        .allSatisfy(box -> {
          assertThat(box.label()).isEqualTo(Scene.LABEL);
          assertThat(box.score()).isBetween(0.0, 1.0);
          assertThat(box.x()).isBetween(0.0, (double) Scene.SIDE);
          assertThat(box.y()).isBetween(0.0, (double) Scene.SIDE);
        });
  }

  /** TridentNet's branches on conv4 of ResNet-50, and the 3 x 3 before proposals. */
  @Test
  void countsWhatDetectorsSee() throws IOException {
    List<Inference.Seen> branches = inference.fieldsOfPreset("Trident-R50");
    assertThat(branches).extracting(Inference.Seen::branch).containsExactly(0, 1, 2);
    assertThat(branches)
        .extracting(Inference.Seen::size)
        .containsExactly(291 + 32.0, 451 + 32.0, 611 + 32.0);
    assertThat(branches).extracting(Inference.Seen::maxObject).containsExactly(90.0, 160.0, 512.0);
    assertThat(inference.fieldsOfModel(models.detection()))
        .isNotEmpty()
        .allSatisfy(map -> assertThat(map.layers()).isPositive());
    try (InputStream json = DetectorPresets.class.getResourceAsStream("presets/trident-r50.json")) {
      assertThat(inference.fieldsOfConfig(Objects.requireNonNull(json).readAllBytes()))
          .isEqualTo(branches);
    }
    Refusal.require("invalid_argument", () -> inference.fieldsOfPreset("no-such"));
    Refusal.require("model_not_found", () -> inference.fieldsOfModel("nobody"));
    Refusal.require("invalid_argument", () -> inference.fieldsOfModel(models.language()));
    Refusal.require("invalid_argument", () -> inference.fieldsOfConfig(new byte[] {'{', '}'}));
  }

  @Test
  void turnsTextsIntoVectors() {
    Inference.Embedded embedded = inference.embed(models.language(), List.of(PROMPT, "The"), 4);
    assertThat(embedded.vectors()).isEqualTo(2);
    assertThat(embedded.dimensions()).isEqualTo(4);
    assertThat(embedded.tokens()).isGreaterThan(2);
    Refusal.require("model_not_found", () -> inference.embed("nobody", List.of(PROMPT), 1));
    Refusal.require(
        "invalid_argument", () -> inference.embed(models.detection(), List.of(PROMPT), 1));
  }

  @Test
  void classifiesRows() {
    List<Likely> setosa =
        inference.classify(
            models.classification(), Map.of("petal_length", 1.4, "petal_width", 3.0));
    assertThat(setosa).extracting(Likely::label).containsExactly("setosa", "virginica");
    assertThat(setosa.get(0).probability() + setosa.get(1).probability())
        .isEqualTo(1, within(1e-9));
    List<Likely> virginica =
        inference.classify(
            models.classification(), Map.of("petal_length", 5.6, "petal_width", 3.0));
    assertThat(virginica).extracting(Likely::label).containsExactly("virginica", "setosa");
  }

  @Test
  void findsTheNearestDocuments() {
    String name = "nearest-" + inference.getClass().getSimpleName().toLowerCase(Locale.ROOT);
    inference.createIndex(name, models.language(), models.texts());
    Await.until(() -> inference.indexes().get(name), items -> items != null && items >= 80);
    String text = LearnedModels.someTexts(80).get(7);
    List<String> found = inference.search(name, text, 3);
    assertThat(found).hasSize(3);
    assertThat(inference.search(name, text, 1)).containsExactly(found.getFirst());
    inference.deleteIndex(name);
    assertThat(inference.indexes()).doesNotContainKey(name);
    Refusal.require("not_found", () -> inference.search(name, text, 1));
    Refusal.require(
        "invalid_argument", () -> inference.createIndex(name, models.detection(), models.texts()));
  }

  @Test
  void letsPeopleDecideWhichVersionServes() {
    String model = models.classification();
    int version =
        inference.models().stream()
            .filter(one -> one.name().equals(model))
            .findFirst()
            .orElseThrow()
            .version();

    assertThat(inference.versions(model).states()).startsWith("serving");
    assertThat(inference.promote(model, version, /* pin= */ true)).isEqualTo("pin");
    inference.setPolicy(model, "heldout_loss");
    assertThat(inference.versions(model).policy()).isEqualTo("if_better");
    assertThat(inference.versions(model).pinned()).isTrue();
    inference.setPolicy(model, null);
    inference.unpin(model);
    assertThat(inference.versions(model).pinned()).isFalse();
    assertThat(inference.promote(model, version, /* pin= */ false)).isEqualTo("manual");
    Refusal.require("not_found", () -> inference.promote(model, version + 1, false));
    Refusal.require("not_found", () -> inference.rollBack("nobody"));
  }

  @Test
  void endsNoVersionThatSomethingNeeds() {
    String model = models.classification();
    int version =
        inference.models().stream()
            .filter(one -> one.name().equals(model))
            .findFirst()
            .orElseThrow()
            .version();

    inference.setRetention(model, 3);
    Refusal.require("invalid_argument", () -> inference.setRetention(model, 0));
    Refusal.require("failed_precondition", () -> inference.deleteVersion(model, version));
    Refusal.require("not_found", () -> inference.deleteVersion(model, version + 1));
    Refusal.require("not_found", () -> inference.deleteModel("nobody"));
  }

  @Test
  void refusesWhatCannotBe() {
    Refusal.require("model_not_found", () -> inference.complete("nobody", PROMPT, 1));
    Refusal.require(
        "model_not_found", () -> inference.classify("nobody", Map.of("petal_length", 1.0)));
    Refusal.require(
        "invalid_argument",
        () -> inference.classify(models.classification(), Map.of("petal_length", 1.0)));
    Refusal.require(
        "invalid_argument",
        () -> inference.classify(models.language(), Map.of("petal_length", 1.0)));
    Refusal.require("model_not_found", () -> inference.detect("nobody", new Scene(1).png(), 1));
    Refusal.require(
        "context_length_exceeded",
        () -> inference.complete(models.language(), PROMPT.repeat(100), 1));
    Refusal.require("invalid_argument", () -> inference.complete(models.detection(), PROMPT, 1));
    Refusal.require(
        "invalid_argument", () -> inference.detect(models.language(), new Scene(1).png(), 1));
    Refusal.require(
        "invalid_argument", () -> inference.detect(models.detection(), new byte[] {1, 2}, 1));
  }
}
