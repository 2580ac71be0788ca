package io.millrace.tensor.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.Kernels;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The smooth maximum, its place, and its one-hot vector. */
class SmoothTest {

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final Kernels kernels = Kernels.shared(engine, KernelFiles.of("smooth.py"));

  private double[] of(String function, double[] x, double temperature) {
    try (NDManager manager = engine.newManager()) {
      return kernels
          .run(manager, function, manager.create(x, new Shape(1, x.length)), temperature)
          .singletonOrThrow()
          .toDoubleArray();
    }
  }

  @Test
  void theMaximumIsAtMostLogOfTheNumberOverTheTemperatureTooHigh() {
    for (int seed = 0; seed < 50; seed++) {
      double[] x = ScalarMetrics.rows(seed, 1, 2 + seed % 7).logits()[0];
      double most = Arrays.stream(x).max().orElseThrow();
      for (double temperature : new double[] {0.1, 1, 3, 30, 1000}) {
        assertThat(of("smooth_max", x, temperature)[0])
            .isBetween(most - 1e-12, most + Math.log(x.length) / temperature + 1e-12);
      }
    }
    assertThat(of("smooth_max", new double[] {2, 2, 2, 2}, 3)[0])
        .as("the bound is reached where all are alike")
        .isCloseTo(2 + Math.log(4) / 3, within(1e-12));
  }

  @Test
  void anInfiniteTemperatureGivesThePlace() {
    for (int seed = 0; seed < 20; seed++) {
      double[] x = ScalarMetrics.rows(seed, 1, 5).logits()[0];
      int place = ScalarMetrics.highest(x);
      double[] oneHot = new double[5];
      oneHot[place] = 1;
      assertThat(of("smooth_argmax", x, 1e6)[0]).isCloseTo(place, within(1e-9));
      assertThat(of("smooth_one_hot", x, 1e6)).containsExactly(oneHot, within(1e-9));
      assertThat(of("smooth_max", x, 1e6)[0]).isCloseTo(x[place], within(1e-5));
    }
  }

  @Test
  void areWhatTheirDefinitionsSay() {
    double[] x = {0, 1, 3};
    double[] p = ScalarMetrics.softmax(new double[] {0, 2, 6});
    assertThat(of("smooth_one_hot", x, 2)).containsExactly(p, within(1e-12));
    assertThat(of("smooth_argmax", x, 2)[0]).isCloseTo(p[1] + 2 * p[2], within(1e-12));
    assertThat(of("smooth_max", x, 2)[0])
        .isCloseTo(Math.log(1 + Math.exp(2) + Math.exp(6)) / 2, within(1e-12));
  }
}
