package io.millrace.tensor.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.tensor.random.SeededRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Straight-through, Gumbel and REINFORCE: what is decided, and what the gradient is of. */
class EstimatorTest {

  private static final int CLASSES = 3;

  private final LossTester tester = new LossTester();

  @AfterEach
  void close() {
    tester.close();
  }

  private NDArray decisions(Loss loss, NDArray logits, double temperature, long seed) {
    Kernels kernels = kernels(loss);
    try (KernelValue setting = kernels.make(loss.setting(temperature, 1), new NDList())) {
      return kernels
          .run(tester.manager, "decisions", logits, setting, tester.manager.create(seed))
          .singletonOrThrow();
    }
  }

  private Kernels kernels(Loss loss) {
    return Kernels.shared(tester.engine, loss.kernels());
  }

  @Test
  void straightThroughDecidesOnTheHighestClassToTheLastBit() {
    Loss loss = LossTester.loss("straight_through_f1");
    for (int seed = 0; seed < 10; seed++) {
      ScalarMetrics.Rows rows = ScalarMetrics.rows(seed, 7, CLASSES);
      float[] logits = new float[7 * CLASSES];
      double[] flat = rows.flat();
      float[] expected = new float[logits.length];
      for (int i = 0; i < logits.length; i++) {
        logits[i] = (float) flat[i];
      }
      for (int row = 0; row < 7; row++) {
        expected[row * CLASSES + Math.toIntExact(rows.decided()[row])] = 1;
      }
      NDArray at = tester.manager.create(logits, new Shape(7, CLASSES));
      assertThat(decisions(loss, at, 1.3, 1).toFloatArray()).containsExactly(expected);
    }
  }

  /** The chain rule by hand: the metric's gradient at hard decisions, then that of softmax. */
  @Test
  void straightThroughLearnsByTheProbabilities() {
    ScalarMetrics.Rows rows = ScalarMetrics.rows(4, 8, CLASSES);
    double temperature = 1.4;
    double[] byDecision = new double[8 * CLASSES];
    for (int i = 0; i < byDecision.length; i++) {
      byDecision[i] = (softF1(rows, i, 1e-6) - softF1(rows, i, -1e-6)) / 2e-6;
    }
    double[] expected = new double[8 * CLASSES];
    for (int row = 0; row < 8; row++) {
      double[] p =
          ScalarMetrics.softmax(
              Arrays.stream(rows.logits()[row]).map(x -> x * temperature).toArray());
      double mean = 0;
      for (int k = 0; k < CLASSES; k++) {
        mean += p[k] * byDecision[row * CLASSES + k];
      }
      for (int k = 0; k < CLASSES; k++) {
        expected[row * CLASSES + k] = -temperature * p[k] * (byDecision[row * CLASSES + k] - mean);
      }
    }
    LossTester.Found found = tester.of("straight_through_f1", rows, temperature);
    assertThat(found.slope()).containsExactly(expected, within(1e-7));
  }

  /** Macro F1 of the highest classes, one of the decisions moved. */
  private static double softF1(ScalarMetrics.Rows rows, int moved, double by) {
    double sum = 0;
    for (int k = 0; k < CLASSES; k++) {
      double both = 0;
      double decided = 0;
      double is = 0;
      for (int row = 0; row < rows.count(); row++) {
        double one = (rows.decided()[row] == k ? 1 : 0) + (row * CLASSES + k == moved ? by : 0);
        both += rows.labels()[row] == k ? one : 0;
        decided += one;
        is += rows.labels()[row] == k ? 1 : 0;
      }
      sum += 2 * both / (decided + is);
    }
    return sum / CLASSES;
  }

  @Test
  void gumbelDrawsClassesByTheirProbabilities() {
    Loss loss = LossTester.loss("reinforce_f1");
    double[] logits = {0.3, -1, 1.2};
    double[] p = ScalarMetrics.softmax(logits);
    int rows = 20_000;
    double[] all = new double[rows * CLASSES];
    for (int i = 0; i < all.length; i++) {
      all[i] = logits[i % CLASSES];
    }
    NDArray at = tester.manager.create(all, new Shape(rows, CLASSES));
    double[] drawn = drawn(loss, at, 5, 0);
    double[] times = new double[CLASSES];
    for (int i = 0; i < drawn.length; i++) {
      times[i % CLASSES] += drawn[i] / rows;
    }
    // Three deviations: 3 sqrt(0.25 / 20000).
    assertThat(times).containsExactly(p, within(0.011));
    assertThat(drawn(loss, at, 5, 0)).isEqualTo(drawn);
    assertThat(drawn(loss, at, 6, 0)).isNotEqualTo(drawn);
    assertThat(drawn(loss, at, 5, 1)).isNotEqualTo(drawn);
  }

  private double[] drawn(Loss loss, NDArray logits, long seed, int stream) {
    return kernels(loss)
        .run(tester.manager, "drawn_RC", logits, tester.manager.create(seed), stream)
        .singletonOrThrow()
        .toDoubleArray();
  }

  @Test
  void gumbelSoftmaxBecomesTheDrawOfItsNoise() {
    Loss soft = LossTester.loss("gumbel_f1");
    Loss drawing = LossTester.loss("reinforce_f1");
    for (int seed = 0; seed < 10; seed++) {
      ScalarMetrics.Rows rows = ScalarMetrics.rows(seed, 9, CLASSES);
      NDArray at = tester.manager.create(rows.flat(), new Shape(9, CLASSES));
      assertThat(decisions(soft, at, 1e7, seed).toDoubleArray())
          .containsExactly(drawn(drawing, at, seed, 0), within(1e-9));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"reinforce_f1", "reinforce_accuracy", "reinforce_f1(average=binary)"})
  void reinforceLearnsTheExactGradientOnAverageOverAllThatCanBeDrawn(String written) {
    Loss.Reinforce loss = (Loss.Reinforce) LossTester.loss(written);
    ScalarMetrics.Rows rows = ScalarMetrics.rows(9, 3, CLASSES);
    double[] weighted = new double[3 * CLASSES];
    double[] exact = new double[3 * CLASSES];
    double baseline = ScalarMetrics.of(loss.metric(), rows.decided(), rows.labels(), CLASSES);
    for (long[] draw : allDraws(3)) {
      double reward = ScalarMetrics.of(loss.metric(), draw, rows.labels(), CLASSES);
      double[] slope = policySlope(loss, rows, draw, reward - baseline);
      double probability = 1;
      for (int row = 0; row < 3; row++) {
        probability *= ScalarMetrics.softmax(rows.logits()[row])[Math.toIntExact(draw[row])];
      }
      for (int i = 0; i < slope.length; i++) {
        weighted[i] += probability * slope[i];
      }
    }
    for (int i = 0; i < exact.length; i++) {
      exact[i] = -(expected(loss, rows, i, 1e-5) - expected(loss, rows, i, -1e-5)) / 2e-5;
    }
    assertThat(weighted).containsExactly(exact, within(1e-9));
  }

  @Test
  void reinforceEstimatesThatGradientByItsDraws() {
    Loss.Reinforce loss = (Loss.Reinforce) LossTester.loss("reinforce_f1(samples=1000)");
    ScalarMetrics.Rows rows = ScalarMetrics.rows(9, 3, CLASSES);
    double[] exact = new double[3 * CLASSES];
    for (int i = 0; i < exact.length; i++) {
      exact[i] = -(expected(loss, rows, i, 1e-5) - expected(loss, rows, i, -1e-5)) / 2e-5;
    }
    double[] mean = new double[exact.length];
    double lost = 0;
    for (int seed = 0; seed < 20; seed++) {
      LossTester.Found found =
          tester.of(
              "reinforce_f1(samples=1000)",
              rows,
              RowLabels.of(rows.labels()),
              1,
              SeededRandom.of(seed).nextLong());
      lost += found.loss() / 20;
      for (int i = 0; i < mean.length; i++) {
        mean[i] += found.slope()[i] / 20;
      }
    }
    assertThat(lost).isCloseTo(1 - expected(loss, rows, 0, 0), within(0.01));
    assertThat(mean).containsExactly(exact, within(0.01));
    assertThat(Arrays.stream(exact).map(Math::abs).max().orElseThrow()).isGreaterThan(0.05);
  }

  /** The gradient of what REINFORCE learns from one draw. */
  private double[] policySlope(Loss loss, ScalarMetrics.Rows rows, long[] draw, double advantage) {
    List<KernelSource> sources = new ArrayList<>(loss.kernels());
    sources.add(KernelSource.of(EstimatorTest.class, "policy.py"));
    return Kernels.shared(tester.engine, sources)
        .runRecording(
            tester.manager,
            "policy_slope",
            tester.manager.create(rows.flat(), new Shape(rows.count(), CLASSES)),
            tester.manager.create(rows.labels()),
            tester.manager.create(draw),
            advantage)
        .singletonOrThrow()
        .toDoubleArray();
  }

  /** The mean of the metric over all draws, one logit moved. */
  private static double expected(
      Loss.Reinforce loss, ScalarMetrics.Rows rows, int moved, double by) {
    double mean = 0;
    for (long[] draw : allDraws(rows.count())) {
      double probability = 1;
      for (int row = 0; row < rows.count(); row++) {
        double[] x = rows.logits()[row].clone();
        if (moved / CLASSES == row) {
          x[moved % CLASSES] += by;
        }
        probability *= ScalarMetrics.softmax(x)[Math.toIntExact(draw[row])];
      }
      mean += probability * ScalarMetrics.of(loss.metric(), draw, rows.labels(), CLASSES);
    }
    return mean;
  }

  private static List<long[]> allDraws(int rows) {
    List<long[]> draws = new ArrayList<>();
    int count = Math.toIntExact(Math.round(Math.pow(CLASSES, rows)));
    for (int number = 0; number < count; number++) {
      long[] draw = new long[rows];
      int rest = number;
      for (int row = 0; row < rows; row++) {
        draw[row] = rest % CLASSES;
        rest /= CLASSES;
      }
      draws.add(draw);
    }
    return draws;
  }
}
