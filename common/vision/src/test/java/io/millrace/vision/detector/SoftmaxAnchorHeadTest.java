package io.millrace.vision.detector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import io.millrace.vision.detector.head.AnchorHead;
import io.millrace.vision.detector.head.AnchorHead.ClassLoss;
import io.millrace.vision.detector.head.Head;
import io.millrace.vision.detector.match.AnchorShape;
import io.millrace.vision.detector.match.CellAnchors;
import io.millrace.vision.detector.match.Matching;
import io.millrace.vision.detector.match.Matching.Leftover;
import io.millrace.vision.network.Neck;
import io.millrace.vision.network.NoNeck;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** As in SSD, with S3FD's matching and its scores of the background, and FaceBoxes' density. */
class SoftmaxAnchorHeadTest extends HeadContract {

  private static final List<CellAnchors> ANCHORS =
      List.of(CellAnchors.square(12), new CellAnchors(List.of(AnchorShape.square(24).dense(2))));
  private static final Matching S3FD = new Matching(0.35, 0.35, Leftover.COMPENSATED);

  @Override
  Neck neck() {
    return new NoNeck(List.of(4, 8));
  }

  @Override
  Head head() {
    return head(ANCHORS, S3FD, ClassLoss.SOFTMAX, 3, 3);
  }

  private static Head head(
      List<CellAnchors> anchors, Matching matching, ClassLoss loss, int negatives, int scores) {
    return new AnchorHead(
        16, 1, /* shared= */ false, anchors, matching, loss, negatives, scores, 1, 0.1, 0.2);
  }

  private HeadAlone alone(Map<String, double[]> weights) {
    return new HeadAlone(engine(), scenes(head()), weights);
  }

  @Test
  void anchorsLearnTheirObjectOfTheirOwnPicture() {
    // The anchor of 12 pixels in the cell at column 5, row 3 is [16, 28] x [8, 20].
    double[][] rows = {{1, 2, 22.6, 14, 12, 12}};
    double[][] ignored = {{0, 0, 32, 32, 64, 64}};
    try (HeadAlone head = alone(Map.of())) {
      NDList found = head.targets(2, rows, ignored);
      int anchors = 16 * 16 + 8 * 8 * 4;
      long[] classes = found.get(0).toLongArray();
      assertThat(classes).hasSize(2 * anchors);
      assertThat(Arrays.copyOf(classes, anchors)).contains(-2).doesNotContain(0, 1, 2);
      int at = anchors + 3 * 16 + 5;
      assertThat(classes[at]).isEqualTo(2);
      assertThat(Arrays.copyOfRange(classes, anchors, 2 * anchors)).contains(-1).doesNotContain(-2);
      double[] deltas = found.get(1).toDoubleArray();
      assertThat(Arrays.copyOfRange(deltas, 4 * at, 4 * at + 4))
          .containsExactly(new double[] {0.5, 0, 0, 0}, within(1e-9));
      assertThat(head.counts(2, rows, ignored)[0])
          .isEqualTo(Arrays.stream(classes).filter(c -> c >= 0).count());
    }
  }

  @Test
  void theHardestOfTheBackgroundLearnThreeForEachPositive() {
    try (HeadAlone head = alone(Map.of())) {
      NDArray losses =
          head.tensor(
              new long[] {3, 6},
              1,
              9,
              3,
              8,
              2,
              7, /* second */
              1,
              2,
              3,
              4,
              5,
              6, /* third */
              1,
              2,
              3,
              4,
              5,
              6);
      NDArray classes =
          head.tensor(
                  new long[] {3, 6},
                  -1,
                  0,
                  -1,
                  -2,
                  -1,
                  -1, /* second */
                  -1,
                  -1,
                  -1,
                  -1,
                  -1,
                  -1,
                  /* third */ 0,
                  1,
                  -1,
                  -2,
                  -2,
                  -2)
              .toType(DataType.INT64, true);
      assertThat(head.run("hard_negatives", losses, classes, 3).singletonOrThrow().toDoubleArray())
          .containsExactly(
              0, 0, 1, 0, 1, 1, /* none: 3 */ 0, 0, 0, 1, 1, 1, /* all */ 0, 0, 1, 0, 0, 0);
    }
  }

  @Test
  void softmaxLossIsTheCrossEntropyOfWhatLearns() {
    double[] logits = {0.2, 1.5, -0.3, 1.1, 0.4, 0.9, -2, 0.5, 0.1, 0.7, 0.7, -0.7};
    try (HeadAlone head = alone(Map.of())) {
      NDArray classes = head.tensor(new long[] {1, 4}, 1, -1, -1, -2).toType(DataType.INT64, true);
      double loss =
          head.run("softmax_loss", head.tensor(new long[] {1, 4, 3}, logits), classes, 1)
              .singletonOrThrow()
              .getDouble();
      // The object's class is the third logit; of the background the third anchor is harder.
      double expected =
          entropy(logits, 0, 2) + Math.max(entropy(logits, 3, 0), entropy(logits, 6, 0));
      assertThat(loss).isCloseTo(expected, within(1e-12));
      assertThat(entropy(logits, 6, 0)).isGreaterThan(entropy(logits, 3, 0));
    }
  }

  private static double entropy(double[] logits, int first, int target) {
    double sum = 0;
    for (int i = 0; i < 3; i++) {
      sum += Math.exp(logits[first + i]);
    }
    return Math.log(sum) - logits[first + target];
  }

  @Test
  void candidatesAreTheAnchorsMovedByScoreAgainstTheLargestBackground() {
    double[] fine = {-1, Math.log(2), 0.1, 0, Math.log(6), 0}; // backgrounds, then classes
    double[] coarse = new double[4 * 4];
    Arrays.fill(coarse, 0);
    for (int anchor = 0; anchor < 4; anchor++) {
      coarse[4 * anchor] = 9;
    }
    Map<String, double[]> weights =
        Map.of(
            "head.level0.classes.bias",
            fine,
            "head.level1.classes.bias",
            coarse,
            "head.level0.deltas.bias",
            new double[] {10, -5, Math.log(2) / 0.2, 0});
    try (HeadAlone head = alone(weights)) {
      double[][] found = head.candidates(256);
      for (double[] row : found) {
        assertThat(row[4]).isCloseTo(6.0 / (2 + 1 + 6 + 1), within(1e-9));
        assertThat(row[5]).isEqualTo(1);
      }
      // Of [16, 28] x [8, 20]: the centre moves by an anchor's width and half its height.
      assertThat(List.of(found))
          .anySatisfy(row ->
              assertThat(Arrays.copyOf(row, 4))
                  .containsExactly(new double[] {22, 2, 24, 12}, within(1e-9)));
    }
  }

  @Test
  void refusesWhatMakesNoSense() {
    assertThatThrownBy(() -> head(ANCHORS, S3FD, ClassLoss.FOCAL, 3, 3))
        .hasMessageContaining("no score of the background");
    assertThatThrownBy(() -> head(ANCHORS, S3FD, ClassLoss.SOFTMAX, 0, 1))
        .hasMessageContaining("0 negatives");
    assertThatThrownBy(() -> scenes(head(ANCHORS.subList(0, 1), S3FD, ClassLoss.SOFTMAX, 3, 1)))
        .hasMessageContaining("anchors of 1 maps, the neck gives 2");
    Head shared = new AnchorHead(16, 1, true, ANCHORS, S3FD, ClassLoss.SOFTMAX, 3, 1, 1, 0.1, 0.2);
    assertThatThrownBy(() -> scenes(shared)).hasMessageContaining("as many anchors a cell: [1, 4]");
  }
}
