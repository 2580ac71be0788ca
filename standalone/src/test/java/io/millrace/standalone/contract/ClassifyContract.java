package io.millrace.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A picture as a body, in a form and in JSON: the same class. */
abstract class ClassifyContract {
  private static final Scene SCENE = new Scene(5);

  private final Rest rest;
  private final LearnedModels models;

  ClassifyContract(Rest rest, LearnedModels models) {
    this.rest = rest;
    this.models = models;
  }

  @Test
  void answersTheSameInEveryForm() {
    String model = models.pictureClassification();
    JsonNode raw =
        rest.send("POST", "/api/classify?model=" + model, "image/png", SCENE.png()).expect(200);
    JsonNode classes = raw.path("results").path(0).path("classes");
    assertThat(classes.valueStream().map(one -> one.path("label").asString()))
        .containsExactlyInAnyOrderElementsOf(LearnedModels.KINDS);
    assertThat(classes.path(0).path("probability").asDouble())
        .isGreaterThanOrEqualTo(classes.path(1).path("probability").asDouble());
    Form form = new Form().field("model", model).file("inputs", SCENE.file(), SCENE.png());
    assertThat(rest.post("/api/classify", form).expect(200)).isEqualTo(raw);
    String base64 = Base64.getEncoder().encodeToString(SCENE.png());
    for (String input : List.of(base64, "data:image/png;base64," + base64)) {
      assertThat(
              rest.post("/api/classify", Map.of("model", model, "inputs", List.of(input)))
                  .expect(200))
          .isEqualTo(raw);
    }
  }

  @Test
  void readsJpegs() {
    JsonNode answer =
        rest.send(
                "POST",
                "/api/classify?top_k=1&model=" + models.pictureClassification(),
                "image/jpeg",
                SCENE.jpeg())
            .expect(200);
    assertThat(answer.path("results").path(0).path("classes").size()).isOne();
  }
}
