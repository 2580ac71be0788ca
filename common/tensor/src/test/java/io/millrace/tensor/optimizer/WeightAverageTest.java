package io.millrace.tensor.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.parameter.Initializer;
import io.millrace.tensor.parameter.ParameterGroup;
import io.millrace.tensor.parameter.ParameterSpec;
import io.millrace.tensor.parameter.ParameterStore;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightAverageTest {

  private static final List<ParameterSpec> SPECS =
      List.of(
          new ParameterSpec("norm", new Shape(3), new Initializer.Ones(), ParameterGroup.NO_DECAY),
          new ParameterSpec(
              "matrix", new Shape(5, 7), new Initializer.Normal(0.5), ParameterGroup.DECAY),
          new ParameterSpec(
              "seen", new Shape(2), new Initializer.Constant(4), ParameterGroup.BUFFER));

  private final TensorEngine engine = TensorEngine.start("cpu");

  /** One that is reached in the second step, and two whose first steps are those of the warm-up. */
  @ParameterizedTest
  @ValueSource(doubles = {0.2, 0.7, 0.999})
  void followsAFloat64Reference(double decay) {
    Random random = new Random(2);
    try (ParameterStore store = ParameterStore.create(engine, SPECS, 1);
        WeightAverage average = new WeightAverage(engine, store, decay)) {
      double[][] reference = {doubles(store.get("norm")), doubles(store.get("matrix"))};
      for (int step = 1; step <= 40; step++) {
        change(store, random);
        average.update(step);
        double kept = Math.min(decay, (1.0 + step) / (10.0 + step));
        follow(reference[0], doubles(store.get("norm")), kept);
        follow(reference[1], doubles(store.get("matrix")), kept);
      }
      assertThat(average.averages().asMap()).containsOnlyKeys("norm", "matrix");
      assertThat(doubles(average.tensors().get(0))).containsExactly(reference[0], within(1e-6));
      assertThat(doubles(average.tensors().get(1))).containsExactly(reference[1], within(1e-6));
    }
  }

  @Test
  void beginsWithTheFirstWeights() {
    try (ParameterStore store = ParameterStore.create(engine, SPECS, 1);
        WeightAverage average = new WeightAverage(engine, store, 0.9)) {
      float[] first = store.get("matrix").toFloatArray();
      change(store, new Random(3));
      assertThat(average.tensors().get(1).toFloatArray()).containsExactly(first);
      assertThat(store.get("matrix").toFloatArray()).isNotEqualTo(first);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1, Double.NaN})
  void refusesWhatIsNoDecay(double decay) {
    try (ParameterStore store = ParameterStore.create(engine, SPECS, 1)) {
      assertThatThrownBy(() -> new WeightAverage(engine, store, decay))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("cannot decay by");
    }
  }

  private void change(ParameterStore store, Random random) {
    try (NDManager scratch = engine.newManager()) {
      for (String name : List.of("norm", "matrix")) {
        NDArray weight = store.get(name);
        float[] values = new float[(int) weight.size()];
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) random.nextGaussian();
        }
        store.load(name, scratch.create(values, weight.getShape()));
      }
    }
  }

  private static void follow(double[] average, double[] weights, double kept) {
    for (int i = 0; i < average.length; i++) {
      average[i] = kept * average[i] + (1 - kept) * weights[i];
    }
  }

  private static double[] doubles(NDArray values) {
    float[] floats = values.toFloatArray();
    double[] doubles = new double[floats.length];
    for (int i = 0; i < floats.length; i++) {
      doubles[i] = floats[i];
    }
    return doubles;
  }
}
