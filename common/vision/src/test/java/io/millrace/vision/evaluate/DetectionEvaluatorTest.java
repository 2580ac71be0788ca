package io.millrace.vision.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.vision.box.Box;
import io.millrace.vision.box.Detection;
import io.millrace.vision.box.LabelledBox;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DetectionEvaluatorTest {
  private static final Box BOX = new Box(0, 0, 10, 10);
  private static final Box OTHER = new Box(50, 50, 10, 10);

  static Stream<GoldenCases.Case> cases() {
    return GoldenCases.all();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithItself(GoldenCases.Case golden) {
    Evaluation evaluation = evaluate(golden);
    assertThat(evaluation.coco())
        .isEqualTo(new CocoEvaluator(golden.classes(), golden.pictures()).evaluate());
    assertThat(evaluation.pictures()).isEqualTo(golden.pictures().size());
    assertThat(evaluation.objects() + evaluation.crowds())
        .isEqualTo(golden.json().path("truths").size());
    assertThat(evaluation.detections()).isEqualTo(golden.json().path("detections").size());
    for (ClassEvaluation one : evaluation.classes()) {
      if (one.objects() > 0) {
        // Average precision is the mean of its curve, which has four digits.
        assertThat(
                one.precision().stream().mapToDouble(Double::doubleValue).average().orElseThrow())
            .isCloseTo(one.coco().map50(), within(1e-4));
      } else {
        assertThat(one.precision()).isEmpty();
        assertThat(one.confidence().f1()).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void givesRecallsThatOnlyFallWithTheScore(GoldenCases.Case golden) {
    for (ClassEvaluation one : evaluate(golden).classes()) {
      List<Double> recall = one.confidence().recall();
      assertThat(recall).isSortedAccordingTo(Collections.reverseOrder());
      assertThat(one.confidence().precision()).allMatch(value -> value >= 0 && value <= 1);
    }
  }

  @Test
  void drawsCurvesOverTheScore() {
    DetectionEvaluator evaluator = new DetectionEvaluator(List.of("a"));
    evaluator.add(
        List.of(truth(BOX), truth(OTHER)),
        List.of(found(BOX, 0.8), found(new Box(90, 0, 5, 5), 0.5), found(OTHER, 0.3)));
    ConfidenceCurves curves = evaluator.evaluate().confidence();
    assertThat(at(curves.precision(), 0, 30, 31, 50, 51, 80, 81))
        .containsExactly(0.6667, 0.6667, 0.5, 0.5, 1.0, 1.0, 1.0);
    assertThat(at(curves.recall(), 0, 30, 31, 50, 51, 80, 81))
        .containsExactly(1.0, 1.0, 0.5, 0.5, 0.5, 0.5, 0.0);
    assertThat(at(curves.f1(), 0, 30, 31, 50, 51, 80, 81))
        .containsExactly(0.8, 0.8, 0.5, 0.5, 0.6667, 0.6667, 0.0);
    assertThat(curves.bestScore()).isZero();
  }

  @Test
  void judgesConfusionAtTheBestScore() {
    DetectionEvaluator evaluator = new DetectionEvaluator(List.of("a"));
    evaluator.add(
        List.of(truth(BOX)), List.of(found(BOX, 0.8), found(OTHER, 0.41), found(OTHER, 0.2)));
    ConfusionMatrix confusion = evaluator.evaluate().confusion();
    assertThat(confusion.minScore()).isEqualTo(0.42);
    assertThat(confusion.counts()).containsExactly(List.of(1L, 0L), List.of(0L, 0L));
  }

  @Test
  void hasNothingToSayWithoutPictures() {
    Evaluation evaluation = new DetectionEvaluator(List.of("a", "b")).evaluate();
    assertThat(evaluation.pictures()).isZero();
    assertThat(evaluation.coco().figures()).isEmpty();
    assertThat(evaluation.precision()).isEmpty();
    assertThat(evaluation.classNames()).containsExactly("a", "b");
  }

  @Test
  void refusesAClassWithoutAName() {
    DetectionEvaluator evaluator = new DetectionEvaluator(List.of("a"));
    assertThatThrownBy(() -> evaluator.add(List.of(), List.of(new Detection(BOX, 1, "b", 0.9))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("class 1 of only 1 classes");
  }

  static Evaluation evaluate(GoldenCases.Case golden) {
    DetectionEvaluator evaluator =
        new DetectionEvaluator(
            IntStream.range(0, golden.classes()).mapToObj(c -> "class " + c).toList());
    golden.pictures().forEach(one -> evaluator.add(one.truth(), one.detections()));
    return evaluator.evaluate();
  }

  private static List<Double> at(List<Double> curve, int... points) {
    return IntStream.of(points).mapToObj(curve::get).toList();
  }

  private static LabelledBox truth(Box box) {
    return new LabelledBox(box, 0, false);
  }

  private static Detection found(Box box, double score) {
    return new Detection(box, 0, "a", score);
  }
}
