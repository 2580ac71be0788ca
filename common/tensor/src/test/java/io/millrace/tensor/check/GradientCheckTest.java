package io.millrace.tensor.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.Kernels;
import org.junit.jupiter.api.Test;

class GradientCheckTest {

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final Kernels kernels = Kernels.shared(engine, GradientCheckTest.class, "functions.py");
  private final GradientCheck check = GradientCheck.standard();

  @Test
  void findsRightGradientsRight() {
    try (NDManager manager = engine.newManager()) {
      GradientCheck.Result result =
          check.compare(kernels, manager, "value", "gradients", inputs(manager), 2.0);
      result.requireBelow(1e-8);
      assertThat(result.error()).isPositive();
    }
  }

  @Test
  void namesTheEntryThatIsWrong() {
    try (NDManager manager = engine.newManager()) {
      GradientCheck.Result result =
          check.compare(kernels, manager, "value", "wrong_gradients", inputs(manager), 2.0);
      assertThat(result.tensor()).isEqualTo(1);
      assertThat(result.entry()).isEqualTo(3);
      assertThatThrownBy(() -> result.requireBelow(1e-6))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("input 1 at entry 3");
    }
  }

  @Test
  void aGradientThatIsNoNumberIsWrong() {
    try (NDManager manager = engine.newManager()) {
      NDArray x = manager.create(new double[] {1, 2});
      NDArray nan = manager.create(new double[] {2, Double.NaN});
      GradientCheck.Result result =
          check.compare(at -> at.get(0).pow(2).sum().getDouble(), new NDList(x), new NDList(nan));
      assertThatThrownBy(() -> result.requireBelow(1)).isInstanceOf(AssertionError.class);
    }
  }

  @Test
  void refusesSinglePrecision() {
    try (NDManager manager = engine.newManager()) {
      NDList floats = new NDList(manager.ones(new Shape(2)));
      assertThatThrownBy(() -> check.compare(at -> 0, floats, floats))
          .hasMessageContaining("need float64");
    }
  }

  private static NDList inputs(NDManager manager) {
    return new NDList(ramp(manager, 7, 2, 3), ramp(manager, -13, 3, 4));
  }

  private static NDArray ramp(NDManager manager, double divisor, int rows, int columns) {
    double[] values = new double[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = i / divisor;
    }
    return manager.create(values, new Shape(rows, columns));
  }
}
