package io.millrace.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A picture as a body, in a form and in JSON: the same answer. */
abstract class DetectContract {
  private static final Scene SCENE = new Scene(5);

  private final Rest rest;
  private final LearnedModels models;

  DetectContract(Rest rest, LearnedModels models) {
    this.rest = rest;
    this.models = models;
  }

  @Test
  void findsTheSameInEveryForm() {
    String model = models.detection();
    String query = "?model=" + model + "&min_score=0&max_detections=3";
    JsonNode raw = rest.send("POST", "/api/detect" + query, "image/png", SCENE.png()).expect(200);
    assertThat(raw.path("detections").size()).isBetween(1, 3);
    Form picture = new Form().file("image", SCENE.file(), SCENE.png());
    assertThat(rest.post("/api/detect" + query, picture).expect(200))
        .as("parameters beside the form")
        .isEqualTo(raw);
    Form everything =
        new Form()
            .field("model", model)
            .field("min_score", "0")
            .field("max_detections", "3")
            .file("image", SCENE.file(), SCENE.png());
    assertThat(rest.post("/api/detect", everything).expect(200))
        .as("parameters in the form")
        .isEqualTo(raw);
    assertThat(
            rest.post(
                    "/api/detect",
                    Map.of(
                        "model",
                        model,
                        "min_score",
                        0,
                        "max_detections",
                        3,
                        "image",
                        Base64.getEncoder().encodeToString(SCENE.png())))
                .expect(200))
        .isEqualTo(raw);
  }

  @Test
  void findsInSeveralPicturesWithOptionsAndDraws() {
    String model = models.detection();
    String picture = Base64.getEncoder().encodeToString(SCENE.png());
    Map<String, Object> options =
        Map.of(
            "model",
            model,
            "min_score",
            0,
            "nms",
            "iou",
            "nms_threshold",
            0.4,
            "slice_size",
            32,
            "images",
            List.of(picture, picture));
    JsonNode several = rest.post("/api/detect", options).expect(200);
    assertThat(several.path("images").size()).isEqualTo(2);
    assertThat(several.path("images").path(0)).isEqualTo(several.path("images").path(1));
    String query = "?min_score=0&nms=iou&nms_threshold=0.4&slice_size=32&model=" + model;
    JsonNode alone = rest.send("POST", "/api/detect" + query, "image/png", SCENE.png()).expect(200);
    assertThat(several.path("images").path(0).path("detections"))
        .isEqualTo(alone.path("detections"));
  }

  @Test
  void readsJpegs() {
    JsonNode answer =
        rest.send("POST", "/api/detect?model=" + models.detection(), "image/jpeg", SCENE.jpeg())
            .expect(200);
    assertThat(answer.path("image_width").asInt()).isEqualTo(Scene.SIDE);
  }
}
