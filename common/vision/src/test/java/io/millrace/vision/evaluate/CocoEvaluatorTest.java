package io.millrace.vision.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.vision.box.Box;
import io.millrace.vision.box.Detection;
import io.millrace.vision.box.LabelledBox;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

class CocoEvaluatorTest {

  static Stream<GoldenCases.Case> cases() {
    return GoldenCases.all();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void equalsPycocotools(GoldenCases.Case golden) {
    CocoEvaluator evaluator = new CocoEvaluator(golden.classes());
    golden.pictures().forEach(one -> evaluator.add(one.truth(), one.detections()));
    CocoResult result = evaluator.evaluate();
    JsonNode stats = golden.json().path("stats");
    assertThat(stats.size()).isEqualTo(12);
    assertThat(result.map()).isCloseTo(stats.path("map").asDouble(), within(1e-12));
    assertThat(result.map50()).isCloseTo(stats.path("map50").asDouble(), within(1e-12));
    assertThat(result.map75()).isCloseTo(stats.path("map75").asDouble(), within(1e-12));
    assertThat(result.mapSmall()).isCloseTo(stats.path("map_small").asDouble(), within(1e-12));
    assertThat(result.mapMedium()).isCloseTo(stats.path("map_medium").asDouble(), within(1e-12));
    assertThat(result.mapLarge()).isCloseTo(stats.path("map_large").asDouble(), within(1e-12));
    assertThat(result.recall1()).isCloseTo(stats.path("recall1").asDouble(), within(1e-12));
    assertThat(result.recall10()).isCloseTo(stats.path("recall10").asDouble(), within(1e-12));
    assertThat(result.recall100()).isCloseTo(stats.path("recall100").asDouble(), within(1e-12));
    assertThat(result.recallSmall())
        .isCloseTo(stats.path("recall_small").asDouble(), within(1e-12));
    assertThat(result.recallMedium())
        .isCloseTo(stats.path("recall_medium").asDouble(), within(1e-12));
    assertThat(result.recallLarge())
        .isCloseTo(stats.path("recall_large").asDouble(), within(1e-12));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void namesTheFiguresThatThereAre(GoldenCases.Case golden) {
    Map<String, Double> figures =
        new CocoEvaluator(golden.classes(), golden.pictures()).evaluate().figures();
    for (Map.Entry<String, JsonNode> stat : golden.json().path("stats").properties()) {
      double value = stat.getValue().asDouble();
      if (value < 0) {
        assertThat(figures).doesNotContainKey(stat.getKey());
      } else {
        assertThat(figures.get(stat.getKey())).isCloseTo(value, within(1e-12));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void meansOverTheClassesThatOccur(GoldenCases.Case golden) {
    CocoSummary summary = new CocoEvaluator(golden.classes(), golden.pictures()).summary();
    assertThat(summary.classes()).hasSize(golden.classes());
    assertThat(summary.all().map50())
        .isCloseTo(
            summary.classes().stream()
                .mapToDouble(CocoResult::map50)
                .filter(value -> value >= 0)
                .average()
                .orElse(-1),
            within(1e-12));
  }

  @Test
  void saysMinusOneWithoutTruth() {
    CocoEvaluator evaluator = new CocoEvaluator(2);
    evaluator.add(List.of(), List.of(new Detection(new Box(0, 0, 10, 10), 0, "a", 0.9)));
    assertThat(evaluator.evaluate().map50()).isEqualTo(-1);
  }

  @Test
  void tellsTheClassesApart() {
    CocoEvaluator evaluator = new CocoEvaluator(2);
    Box box = new Box(0, 0, 10, 10);
    evaluator.add(
        List.of(new LabelledBox(box, 0, false), new LabelledBox(box, 1, false)),
        List.of(new Detection(box, 1, "b", 0.9)));
    List<CocoResult> classes = evaluator.summary().classes();
    assertThat(classes.getFirst().map()).isZero();
    assertThat(classes.getLast().map()).isCloseTo(1, within(1e-12));
  }
}
