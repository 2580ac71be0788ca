package io.millrace.vision.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.vision.box.Box;
import io.millrace.vision.box.Detection;
import io.millrace.vision.box.LabelledBox;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CocoEvaluatorTest {

  @Test
  void equalsPycocotools() throws IOException {
    JsonNode golden;
    try (InputStream in = getClass().getResourceAsStream("coco.json")) {
      golden = JsonMapper.shared().readTree(Objects.requireNonNull(in));
    }
    CocoEvaluator evaluator = new CocoEvaluator(golden.path("classes").asInt());
    for (int image = 1; image <= golden.path("images").asInt(); image++) {
      List<LabelledBox> truth = new ArrayList<>();
      for (JsonNode t : golden.path("truths")) {
        if (t.path(0).asInt() == image) {
          truth.add(
              new LabelledBox(
                  box(t), t.path(1).asInt(), t.path(7).asInt() == 1, t.path(6).asDouble()));
        }
      }
      List<Detection> found = new ArrayList<>();
      for (JsonNode d : golden.path("detections")) {
        if (d.path(0).asInt() == image) {
          found.add(new Detection(box(d), d.path(1).asInt(), "", d.path(6).asDouble()));
        }
      }
      evaluator.add(truth, found);
    }
    CocoResult result = evaluator.evaluate();
    JsonNode stats = golden.path("stats");
    assertThat(result.map()).isCloseTo(stats.path("map").asDouble(), within(1e-12));
    assertThat(result.map50()).isCloseTo(stats.path("map50").asDouble(), within(1e-12));
    assertThat(result.map75()).isCloseTo(stats.path("map75").asDouble(), within(1e-12));
    assertThat(result.mapSmall()).isCloseTo(stats.path("map_small").asDouble(), within(1e-12));
    assertThat(result.mapMedium()).isCloseTo(stats.path("map_medium").asDouble(), within(1e-12));
    assertThat(result.mapLarge()).isCloseTo(stats.path("map_large").asDouble(), within(1e-12));
    assertThat(result.recall()).isCloseTo(stats.path("recall").asDouble(), within(1e-12));
  }

  @Test
  void saysMinusOneWithoutTruth() {
    CocoEvaluator evaluator = new CocoEvaluator(2);
    evaluator.add(List.of(), List.of(new Detection(new Box(0, 0, 10, 10), 0, "a", 0.9)));
    assertThat(evaluator.evaluate().map50()).isEqualTo(-1);
  }

  private static Box box(JsonNode row) {
    return new Box(
        row.path(2).asDouble(),
        row.path(3).asDouble(),
        row.path(4).asDouble(),
        row.path(5).asDouble());
  }
}
