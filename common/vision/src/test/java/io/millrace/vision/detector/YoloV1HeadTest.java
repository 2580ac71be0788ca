package io.millrace.vision.detector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.millrace.vision.box.Box;
import io.millrace.vision.detector.head.Head;
import io.millrace.vision.detector.head.YoloV1Head;
import io.millrace.vision.network.Neck;
import io.millrace.vision.network.NoNeck;
import io.millrace.vision.train.DetectorTrainer;
import io.millrace.vision.train.DetectorTrainingSettings;
import io.millrace.vision.train.SampleBatch;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class YoloV1HeadTest extends HeadContract {

  private static final double[][] NONE = {};
  private static final int CELLS = 64;
  private static final int VALUES = 2 * 5 + 3;

  @Override
  Neck neck() {
    return new NoNeck(List.of(8));
  }

  @Override
  Head head() {
    return new YoloV1Head(2, 24, 1, 64, 0.1, /* rescore= */ true, 5, 0.5);
  }

  /** The overlap that a confidence learns is taken for a constant, as in Darknet. */
  @Override
  Head differentiable() {
    return new YoloV1Head(2, 8, 1, 12, 0, /* rescore= */ false, 5, 0.5);
  }

  @Override
  int steps() {
    return 200;
  }

  private HeadAlone alone(double[] results) {
    return new HeadAlone(engine(), scenes(head()), Map.of("head.output.bias", results));
  }

  /** What a predictor gives for a box, with a confidence of 1. */
  private static double[] encoded(Box box, int column, int row) {
    return new double[] {
      (box.x() + box.width() / 2) / 8 - column,
      (box.y() + box.height() / 2) / 8 - row,
      Math.sqrt(box.width() / 64),
      Math.sqrt(box.height() / 64),
      1
    };
  }

  @Test
  void decodingInvertsEncodingAndScoresAreClassTimesConfidence() {
    double[] results = new double[CELLS * VALUES];
    Box wide = new Box(3, 21, 40, 10);
    Box tall = new Box(19.5, 20, 5, 14);
    int at = (3 * 8 + 2) * VALUES; // the cell of both centres
    System.arraycopy(encoded(wide, 2, 3), 0, results, at, 5);
    System.arraycopy(encoded(tall, 2, 3), 0, results, at + 5, 5);
    results[at + 9] = 0.5;
    results[at + 11] = 0.75;
    results[at + 12] = -0.2;
    try (HeadAlone head = alone(results)) {
      double[][] found = head.candidates(3);
      assertThat(found[0]).containsExactly(new double[] {3, 21, 40, 10, 0.75, 1}, within(1e-9));
      assertThat(found[1]).containsExactly(new double[] {19.5, 20, 5, 14, 0.375, 1}, within(1e-9));
      assertThat(found[2][4]).isZero();
    }
  }

  @Test
  void aCellLearnsTheFirstOfItsObjects() {
    double[][] rows = {
      {1, 2, 10, 30, 16, 4}, {1, 0, 12, 28, 20, 20}, {0, 1, 63.99, 0, 36, 64}, {1, 1, 16, 24, 4, 9}
    };
    try (HeadAlone head = alone(new double[CELLS * VALUES])) {
      NDList found = head.targets(2, rows, NONE);
      double[] objects = found.get(0).toDoubleArray();
      double[] values = found.get(2).toDoubleArray();
      double[] classes = found.get(3).toDoubleArray();
      assertThat(Arrays.stream(objects).sum()).isEqualTo(3);
      int first = CELLS + 3 * 8 + 1;
      assertThat(objects[first]).isEqualTo(1);
      assertThat(Arrays.copyOfRange(values, 4 * first, 4 * first + 4))
          .containsExactly(new double[] {0.25, 0.75, 0.5, 0.25}, within(1e-12));
      assertThat(Arrays.copyOfRange(classes, 3 * first, 3 * first + 3)).containsExactly(0, 0, 1);
      int corner = 7;
      assertThat(objects[corner]).isEqualTo(1);
      assertThat(Arrays.copyOfRange(values, 4 * corner, 4 * corner + 4))
          .containsExactly(new double[] {0.99875, 0, 0.75, 1}, within(1e-12));
      assertThat(Arrays.copyOfRange(values, 4 * (first + 1), 4 * (first + 1) + 4))
          .as("a centre on the border is in the cell after it")
          .containsExactly(new double[] {0, 0, 0.25, 0.375}, within(1e-12));
    }
  }

  @Test
  void cellsWithinIgnoredBoxesAreNotEmpty() {
    try (HeadAlone head = alone(new double[CELLS * VALUES])) {
      double[] empty =
          head.targets(1, NONE, new double[][] {{0, 1, 16, 8, 16, 16}}).get(1).toDoubleArray();
      for (int i = 0; i < CELLS; i++) {
        boolean within = i == 1 || i == 2 || i == 9 || i == 10;
        assertThat(empty[i]).as("cell %d", i).isEqualTo(within ? 0 : 1);
      }
    }
  }

  @Test
  void theResponsiblePredictorOverlapsMostOrIsNearest() {
    try (HeadAlone head = alone(new double[CELLS * VALUES])) {
      NDArray overlaps = head.tensor(new long[] {3, 2}, 0.2, 0.6, 0.3, 0, 0, 0);
      NDArray distances = head.tensor(new long[] {3, 2}, 0.1, 0.9, 0.9, 0.1, 0.9, 0.1);
      assertThat(head.run("responsible", overlaps, distances).singletonOrThrow().toDoubleArray())
          .containsExactly(0, 1, 1, 0, 0, 1);
    }
  }

  @Test
  void lossesAreThoseOfTheScalarReference() {
    Random random = new Random(3);
    double[] results = new double[CELLS * VALUES];
    Arrays.setAll(results, i -> random.nextGaussian() * 0.4);
    double[][] rows = {
      {0, 2, 10, 30, 16, 4}, {0, 0, 12, 28, 20, 20}, {0, 1, 60, 3, 30, 50}, {0, 1, 36, 37, 20, 24}
    };
    double[][] ignored = {{0, 0, 40, 8, 24, 20}};
    // The first predictor of one object's cell is right, no predictor of another's overlaps with
    // it.
    int right = (4 * 8 + 4) * VALUES;
    System.arraycopy(encoded(new Box(27, 26, 19, 22), 4, 4), 0, results, right, 5);
    int far = 7 * VALUES;
    System.arraycopy(new double[] {-9, 0, 0.1, 0.1, 0.3}, 0, results, far, 5);
    System.arraycopy(new double[] {-7, 0, 0.1, 0.1, 0.2}, 0, results, far + 5, 5);
    try (HeadAlone head = alone(results)) {
      double[] found = head.losses(new double[] {2}, rows, ignored);
      double[] expected = ScalarYolo.losses(results, rows, ignored);
      for (int part = 0; part < 5; part++) {
        assertThat(found[part + 1]).as("part %d", part).isCloseTo(expected[part] / 2, within(1e-9));
      }
      assertThat(found[0])
          .isCloseTo(
              5 * (found[1] + found[2]) + found[3] + 0.5 * found[4] + found[5], within(1e-9));
      assertThat(head.counts(2, rows, ignored)).containsExactly(2);
    }
  }

  @Test
  void aPictureLearnsWithoutAShareOfTheUnitsThatFollowsFromItsSeed() {
    try (HeadAlone head = alone(new double[CELLS * VALUES])) {
      double[] ones = new double[3 * 2000];
      Arrays.fill(ones, 1);
      NDArray units = head.tensor(new long[] {3, 2000}, ones);
      NDArray seeds =
          head.tensor(new long[] {3}, 5, 6, 5).toType(ai.djl.ndarray.types.DataType.INT64, true);
      double[] left =
          head.run("dropped_out", units, seeds, 0.25).singletonOrThrow().toDoubleArray();
      double[] first = Arrays.copyOfRange(left, 0, 2000);
      assertThat(first).isEqualTo(Arrays.copyOfRange(left, 4000, 6000));
      assertThat(first).isNotEqualTo(Arrays.copyOfRange(left, 2000, 4000));
      assertThat(Arrays.stream(first).filter(x -> x == 0).count()).isBetween(420L, 580L);
      assertThat(Arrays.stream(first).max().orElseThrow()).isCloseTo(4 / 3.0, within(1e-12));
    }
  }

  /** Results of a spread of 1 are boxes as large as the picture and take many steps to unlearn. */
  @ParameterizedTest
  @ValueSource(ints = {0, 64})
  void beginsWithResultsNearZero(int hidden) {
    YoloV1Head head = new YoloV1Head(2, 24, 1, hidden, 0, /* rescore= */ true, 5, 0.5);
    SampleBatch batch = rectangles(0, 2);
    try (DetectorTrainer trainer =
        DetectorTrainer.create(engine(), scenes(head), DetectorTrainingSettings.standard(), 1)) {
      Map<String, Double> losses = trainer.evaluate(batch).parts();
      assertThat(losses.get("empty_loss")).as("of %s confidences", CELLS * 2).isLessThan(2);
      assertThat(losses.get("class_loss")).as("of two objects").isBetween(1.0, 3.0);
    }
  }

  @Test
  void refusesWhatMakesNoSense() {
    assertThatThrownBy(() -> new YoloV1Head(0, 8, 1, 8, 0, true, 5, 0.5))
        .hasMessageContaining("0 predictors");
    assertThatThrownBy(() -> new YoloV1Head(2, 8, 1, 0, 0.5, true, 5, 0.5))
        .hasMessageContaining("no units");
    assertThatThrownBy(() -> new YoloV1Head(2, 8, 1, 8, 1, true, 5, 0.5))
        .hasMessageContaining("dropout");
    assertThatThrownBy(() -> new YoloV1Head(2, 8, 1, 8, 0, true, -5, 0.5))
        .hasMessageContaining("weights of losses");
  }
}
