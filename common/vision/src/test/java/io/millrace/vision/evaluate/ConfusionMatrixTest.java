package io.millrace.vision.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.vision.box.Box;
import io.millrace.vision.box.Detection;
import io.millrace.vision.box.LabelledBox;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConfusionMatrixTest {
  private static final Box BOX = new Box(0, 0, 10, 10);
  private static final Box OTHER = new Box(50, 50, 10, 10);

  static Stream<GoldenCases.Case> cases() {
    return GoldenCases.small();
  }

  @Test
  void countsRightOnesMixedUpOnesMissedOnesAndBackground() {
    assertThat(
            counts(
                List.of(truth(BOX, 0), truth(OTHER, 1), truth(new Box(80, 0, 9, 9), 1)),
                found(BOX, 0, 0.9),
                found(OTHER, 0, 0.8),
                found(new Box(0, 80, 9, 9), 1, 0.7)))
        .containsExactly(List.of(1L, 0L, 0L), List.of(1L, 0L, 1L), List.of(0L, 1L, 0L));
  }

  @Test
  void pairsByOverlapBeforeScoreAndClass() {
    // The better box is of the wrong class; it takes the truth, and the other one is background.
    assertThat(
            counts(List.of(truth(BOX, 0)), found(new Box(0, 0, 10, 8), 0, 0.9), found(BOX, 1, 0.6)))
        .containsExactly(List.of(0L, 1L, 0L), List.of(0L, 0L, 0L), List.of(1L, 0L, 0L));
  }

  @Test
  void leavesOutLowScoresAndCrowds() {
    LabelledBox crowd = new LabelledBox(new Box(0, 0, 100, 100), 0, true);
    assertThat(counts(List.of(crowd), found(BOX, 0, 0.9), found(OTHER, 1, 0.3)))
        .containsOnly(List.of(0L, 0L, 0L));
    assertThat(counts(List.of(), found(OTHER, 1, 0.49))).containsOnly(List.of(0L, 0L, 0L));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void countsEveryTruthOnce(GoldenCases.Case golden) {
    ConfusionMatrix matrix = ConfusionMatrix.of(golden.classes(), golden.pictures(), 0.3);
    for (int c = 0; c < golden.classes(); c++) {
      int classIndex = c;
      assertThat(matrix.counts().get(c).stream().mapToLong(Long::longValue).sum())
          .isEqualTo(
              golden.pictures().stream()
                  .flatMap(picture -> picture.truthOf(classIndex).stream())
                  .filter(box -> !box.crowd())
                  .count());
    }
    assertThat(matrix.counts().getLast().getLast()).isZero();
  }

  private static List<List<Long>> counts(List<LabelledBox> truth, Detection... found) {
    return ConfusionMatrix.of(2, List.of(new EvaluatedPicture(truth, List.of(found))), 0.5)
        .counts();
  }

  private static LabelledBox truth(Box box, int classIndex) {
    return new LabelledBox(box, classIndex, false);
  }

  private static Detection found(Box box, int classIndex, double score) {
    return new Detection(box, classIndex, "", score);
  }
}
