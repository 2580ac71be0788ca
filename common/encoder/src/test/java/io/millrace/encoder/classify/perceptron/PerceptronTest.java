package io.millrace.encoder.classify.perceptron;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.engine.TensorEngine;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a perceptron learns, what it cannot, and how often it may be wrong before. */
class PerceptronTest {

  private static final float[][] CORNERS = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
  private static final long[] AND = {0, 0, 0, 1};
  private static final long[] OR = {0, 1, 1, 1};
  private static final long[] XOR = {0, 1, 1, 0};

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final NDManager manager = engine.newManager();

  @AfterEach
  void close() {
    manager.close();
  }

  private NDArray rows(float[][] rows) {
    float[] flat = new float[rows.length * rows[0].length];
    for (int i = 0; i < flat.length; i++) {
      flat[i] = rows[i / rows[0].length][i % rows[0].length];
    }
    return manager.create(flat, new Shape(rows.length, rows[0].length));
  }

  /** Mistakes of each pass over the rows, until there is none or so many were made. */
  private long[] passes(Perceptron perceptron, float[][] rows, long[] labels, int most) {
    NDArray x = rows(rows);
    long[] mistakes = new long[most];
    for (int pass = 0; pass < most; pass++) {
      mistakes[pass] = perceptron.learn(x, labels, 1);
      if (mistakes[pass] == 0) {
        return Arrays.copyOf(mistakes, pass + 1);
      }
    }
    return mistakes;
  }

  private Perceptron of(int inputs, int classes, boolean bias) {
    return new Perceptron(engine, new PerceptronShape(inputs, classes, bias));
  }

  @Test
  void learnsAndAndOr() {
    for (long[] labels : new long[][] {AND, OR}) {
      try (Perceptron perceptron = of(2, 2, true)) {
        assertThat(passes(perceptron, CORNERS, labels, 50)).endsWith(0);
        assertThat(perceptron.decide(rows(CORNERS))).containsExactly(labels);
      }
    }
  }

  @Test
  void neverLearnsXorNorAndWithoutABias() {
    try (Perceptron xor = of(2, 2, true);
        Perceptron and = of(2, 2, false);
        Perceptron or = of(2, 2, false)) {
      assertThat(passes(xor, CORNERS, XOR, 200)).hasSize(200).doesNotContain(0);
      assertThat(passes(and, CORNERS, AND, 200)).hasSize(200).doesNotContain(0);
      assertThat(passes(or, CORNERS, OR, 50)).as("a line through the origin does").endsWith(0);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void makesNoMoreMistakesThanNovikoffAllows(boolean bias) {
    for (int seed = 0; seed < 10; seed++) {
      Separable data = Separable.of(seed, 60, 4, 2, bias);
      try (Perceptron perceptron = of(4, 2, bias)) {
        long[] mistakes = passes(perceptron, data.rows(), data.labels(), 5000);
        assertThat(mistakes).as("seed %d", seed).endsWith(0);
        assertThat(Arrays.stream(mistakes).sum())
            .isPositive()
            .isLessThanOrEqualTo((long) Math.pow(data.longest() / data.margin(), 2));
        assertThat(perceptron.decide(rows(data.rows()))).containsExactly(data.labels());
      }
    }
  }

  @Test
  void unitsForSeveralClassesMakeNoMoreThanTwiceAsMany() {
    for (int seed = 0; seed < 10; seed++) {
      Separable data = Separable.of(seed, 60, 4, 3, true);
      try (Perceptron perceptron = of(4, 3, true)) {
        long[] mistakes = passes(perceptron, data.rows(), data.labels(), 5000);
        assertThat(mistakes).as("seed %d", seed).endsWith(0);
        assertThat(Arrays.stream(mistakes).sum())
            .isPositive()
            .isLessThanOrEqualTo((long) (2 * Math.pow(data.longest() / data.margin(), 2)));
        assertThat(perceptron.decide(rows(data.rows()))).containsExactly(data.labels());
      }
    }
  }

  @Test
  void movesByTheRule() {
    float[][] rows = {{2, -1}, {3, 1}, {-1, -1}, {1, 1}};
    long[] labels = {1, 0, -1, 1};
    double rate = 0.5;
    double[] w = new double[2];
    double b = 0;
    int wrong = 0;
    for (int row = 0; row < 4; row++) {
      long fires = w[0] * rows[row][0] + w[1] * rows[row][1] + b > 0 ? 1 : 0;
      if (labels[row] >= 0 && fires != labels[row]) {
        wrong++;
        w[0] += rate * (labels[row] - fires) * rows[row][0];
        w[1] += rate * (labels[row] - fires) * rows[row][1];
        b += rate * (labels[row] - fires);
      }
    }
    try (Perceptron perceptron = of(2, 2, true)) {
      assertThat(perceptron.learn(rows(rows), labels, rate)).isEqualTo(wrong).isGreaterThan(1);
      assertThat(perceptron.weights().get(Perceptron.WEIGHT).toFloatArray())
          .containsExactly((float) w[0], (float) w[1]);
      assertThat(perceptron.weights().get(Perceptron.BIAS).toFloatArray())
          .containsExactly((float) b);
    }
  }

  @Test
  void theRateChangesTheLengthOfTheWeightsAlone() {
    Separable data = Separable.of(3, 40, 4, 2, true);
    NDArray x = rows(data.rows());
    try (Perceptron one = of(4, 2, true);
        Perceptron quarter = of(4, 2, true)) {
      for (int pass = 0; pass < 5; pass++) {
        assertThat(quarter.learn(x, data.labels(), 0.25)).isEqualTo(one.learn(x, data.labels(), 1));
      }
      assertThat(quarter.weights().get(Perceptron.WEIGHT).mul(4).toFloatArray())
          .containsExactly(one.weights().get(Perceptron.WEIGHT).toFloatArray());
    }
  }

  /** The line moves along the weights by -b / |w|, whatever b is. */
  @Test
  void aBiasMovesTheLine() {
    try (Perceptron perceptron = of(2, 2, true)) {
      passes(perceptron, CORNERS, AND, 50);
      float[] w = perceptron.weights().get(Perceptron.WEIGHT).toFloatArray();
      double length = Math.hypot(w[0], w[1]);
      for (float b : new float[] {-3, -0.5f, 0, 2}) {
        perceptron.weights().get(Perceptron.BIAS).set(new float[] {b});
        double distance = perceptron.distanceOfLine(0);
        assertThat(distance).isCloseTo(-b / length, within(1e-6));
        float[][] around = new float[2][2];
        for (int side = 0; side < 2; side++) {
          double at = distance + (side == 0 ? -1e-3 : 1e-3);
          around[side] = new float[] {(float) (at * w[0] / length), (float) (at * w[1] / length)};
        }
        assertThat(perceptron.decide(rows(around))).containsExactly(0, 1);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void isALinearClassifier(int classes) {
    Separable data = Separable.of(8, 50, 4, classes, true);
    try (Perceptron perceptron = of(4, classes, true)) {
      perceptron.learn(rows(data.rows()), data.labels(), 1);
      NDList linear = perceptron.asLinear(manager);
      assertThat(linear.get(0).getShape()).isEqualTo(new Shape(classes, 4));
      NDArray scores = rows(data.rows()).matMul(linear.get(0).transpose()).add(linear.get(1));
      assertThat(scores.argMax(1).toLongArray())
          .containsExactly(perceptron.decide(rows(data.rows())));
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    try (Perceptron perceptron = of(2, 2, true)) {
      NDArray x = rows(CORNERS);
      assertThatThrownBy(() -> perceptron.learn(x, new long[] {0, 1, 2, 0}, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("the label of row 2 is 2; classes are from 0 to 1");
      assertThatThrownBy(() -> perceptron.learn(x, new long[3], 1))
          .hasMessage("3 labels for 4 rows");
      assertThatThrownBy(() -> perceptron.learn(x, AND, 0)).hasMessageContaining("rate of 0.0");
      assertThatThrownBy(() -> perceptron.decide(rows(new float[][] {{1, 2, 3}})))
          .hasMessageContaining("they must be [rows, 2]");
      assertThat(perceptron.weights().get(Perceptron.WEIGHT).toFloatArray()).containsOnly(0);
    }
    assertThatThrownBy(() -> new PerceptronShape(0, 2, true)).hasMessageContaining("0 inputs");
    assertThatThrownBy(() -> new PerceptronShape(3, 1, true)).hasMessageContaining("1 classes");
  }

  /**
   * Rows that known units tell apart.
   *
   * @param margin by which these, as one vector of length 1, do
   * @param longest row, with the 1 of the bias if there is one
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Separable(float[][] rows, long[] labels, double margin, double longest) {

    /** Rows too near to the units' borders are drawn again. */
    static Separable of(long seed, int count, int inputs, int classes, boolean bias) {
      Random random = new Random(seed);
      int units = classes == 2 ? 1 : classes;
      double[][] unit = new double[units][inputs + 1];
      double square = 0;
      for (double[] one : unit) {
        for (int i = 0; i < inputs + (bias ? 1 : 0); i++) {
          one[i] = random.nextGaussian();
          square += one[i] * one[i];
        }
      }
      double length = Math.sqrt(square);
      float[][] rows = new float[count][inputs];
      long[] labels = new long[count];
      double margin = Double.POSITIVE_INFINITY;
      double longest = 0;
      for (int row = 0; row < count; ) {
        double norm = bias ? 1 : 0;
        for (int i = 0; i < inputs; i++) {
          rows[row][i] = (float) random.nextGaussian();
          norm += rows[row][i] * rows[row][i];
        }
        float[] x = rows[row];
        double[] scores =
            IntStream.range(0, units).mapToDouble(u -> score(unit[u], x) / length).toArray();
        double gap = gap(scores);
        if (gap >= 0.1) {
          labels[row] = units == 1 ? (scores[0] > 0 ? 1 : 0) : highest(scores);
          margin = Math.min(margin, gap);
          longest = Math.max(longest, Math.sqrt(norm));
          row++;
        }
      }
      return new Separable(rows, labels, margin, longest);
    }

    private static double score(double[] unit, float[] x) {
      double score = unit[x.length];
      for (int i = 0; i < x.length; i++) {
        score += unit[i] * x[i];
      }
      return score;
    }

    private static int highest(double[] scores) {
      int best = 0;
      for (int i = 1; i < scores.length; i++) {
        best = scores[i] > scores[best] ? i : best;
      }
      return best;
    }

    /** From the threshold, or between the highest and the next. */
    private static double gap(double[] scores) {
      if (scores.length == 1) {
        return Math.abs(scores[0]);
      }
      double[] sorted = scores.clone();
      Arrays.sort(sorted);
      return sorted[sorted.length - 1] - sorted[sorted.length - 2];
    }
  }
}
