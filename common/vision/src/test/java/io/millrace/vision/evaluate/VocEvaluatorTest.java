package io.millrace.vision.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.vision.box.Box;
import io.millrace.vision.box.Detection;
import io.millrace.vision.box.LabelledBox;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

class VocEvaluatorTest {
  private static final Box BOX = new Box(10, 10, 20, 20);

  static Stream<GoldenCases.Case> cases() {
    return GoldenCases.small();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void equalsTheDevelopmentKit(GoldenCases.Case golden) {
    VocSummary summary = VocEvaluator.summary(golden.classes(), golden.pictures());
    JsonNode expected = golden.json().path("voc");
    assertThat(summary.classes()).hasSize(expected.size());
    for (int c = 0; c < expected.size(); c++) {
      VocResult result = summary.classes().get(c);
      assertThat(result.elevenPoint())
          .isCloseTo(expected.path(c).path(0).asDouble(), within(1e-12));
      assertThat(result.allPoint()).isCloseTo(expected.path(c).path(1).asDouble(), within(1e-12));
    }
  }

  @Test
  void givesHalfOfTheRecallsItsElevenPoints() {
    // One of two is found, and then something that is not there: precision 1 up to recall .5.
    VocResult result =
        evaluate(
            List.of(truth(BOX, false), truth(new Box(80, 80, 9, 9), false)),
            List.of(found(BOX, 0.9), found(new Box(50, 50, 9, 9), 0.8)));
    assertThat(result.elevenPoint()).isCloseTo(6 / 11.0, within(1e-12));
    assertThat(result.allPoint()).isCloseTo(0.5, within(1e-12));
  }

  @Test
  void countsTheSecondDetectionOfAnObjectAsWrong() {
    VocResult twice =
        evaluate(
            List.of(truth(BOX, false), truth(new Box(80, 80, 9, 9), false)),
            List.of(found(BOX, 0.9), found(BOX, 0.8), found(new Box(80, 80, 9, 9), 0.7)));
    // Precision 1 up to recall .5, then 2 of 3.
    assertThat(twice.allPoint()).isCloseTo(0.5 + 0.5 * 2 / 3, within(1e-12));
  }

  @Test
  void countsWhatIsFoundOfADifficultObjectAsNeither() {
    List<LabelledBox> truth = List.of(truth(BOX, true), truth(new Box(80, 80, 9, 9), false));
    List<Detection> found =
        List.of(found(BOX, 0.9), found(BOX, 0.8), found(new Box(80, 80, 9, 9), 0.7));
    assertThat(evaluate(truth, found)).isEqualTo(new VocResult(1, 1));
  }

  @Test
  void belongsToTheTruthItOverlapsMostAlsoIfThatIsTaken() {
    Box near = new Box(12, 10, 20, 20);
    // Both detections overlap the first box most; COCO would give the second one the other box.
    VocResult result =
        evaluate(
            List.of(truth(BOX, false), truth(near, false)),
            List.of(found(BOX, 0.9), found(new Box(10.5, 10, 20, 20), 0.8)));
    assertThat(result.allPoint()).isCloseTo(0.5, within(1e-12));
  }

  @Test
  void isNotDefinedWithoutTruth() {
    assertThat(evaluate(List.of(), List.of(found(BOX, 0.9)))).isEqualTo(new VocResult(-1, -1));
    assertThat(evaluate(List.of(truth(BOX, true)), List.of())).isEqualTo(new VocResult(-1, -1));
  }

  private static VocResult evaluate(List<LabelledBox> truth, List<Detection> found) {
    return VocEvaluator.summary(1, List.of(new EvaluatedPicture(truth, found))).all();
  }

  private static LabelledBox truth(Box box, boolean difficult) {
    return new LabelledBox(box, 0, difficult);
  }

  private static Detection found(Box box, double score) {
    return new Detection(box, 0, "thing", score);
  }
}
