package io.millrace.tensor.activation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.tensor.engine.TensorEngine;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Published values and minima of activations, and derivatives against finite differences. */
class ActivationCurveTest {

  private final TensorEngine engine = TensorEngine.start("cpu");

  private double at(Activation activation, double x) {
    return ActivationCurve.of(engine, activation, x).values().getFirst();
  }

  @ParameterizedTest
  @CsvSource({
    "GELU, 0.841345",
    "GELU_TANH, 0.841192",
    "GELU_SIGMOID, 0.845796",
    "SILU, 0.731059",
    "SWISH_BETA, 0.731059",
    "MISH, 0.865098",
    "SELU, 1.050701",
    "SIGMOID, 0.731059",
    "TANH, 0.761594",
    "LINEAR, 1",
    "STEP, 1"
  })
  void hasTheValueAtOne(Activation activation, double value) {
    assertThat(at(activation, 1)).isCloseTo(value, within(5e-7));
  }

  @ParameterizedTest
  @CsvSource({
    "LEAKY_RELU, -0.02",
    "LEAKY_RELU_TENTH, -0.2",
    "PRELU, -0.5",
    "ELU, -0.864665",
    "SELU, -1.520166",
    "RELU, 0"
  })
  void hasTheValueAtMinusTwo(Activation activation, double value) {
    assertThat(at(activation, -2)).isCloseTo(value, within(5e-7));
  }

  @ParameterizedTest
  @CsvSource({"SILU, -1.2785, -0.278465", "MISH, -1.1924, -0.308843", "GELU, -0.7518, -0.169971"})
  void hasItsMinimumThere(Activation activation, double x, double value) {
    double[] places = IntStream.range(0, 20_001).mapToDouble(i -> -2 + i * 1e-4).toArray();
    ActivationCurve curve = ActivationCurve.of(engine, activation, places);
    double least = Collections.min(curve.values());
    assertThat(least).isCloseTo(value, within(5e-7));
    int place = curve.values().indexOf(least);
    assertThat(curve.x().get(place)).isCloseTo(x, within(1.01e-4));
    assertThat(curve.derivatives().get(place)).isCloseTo(0, within(1e-4));
  }

  @Test
  void approximationsOfGeluAreSoFarAway() {
    double[] places = IntStream.range(0, 12_001).mapToDouble(i -> -6 + i * 1e-3).toArray();
    assertThat(distance(Activation.GELU_TANH, places)).isCloseTo(4.73e-4, within(1e-6));
    assertThat(distance(Activation.GELU_SIGMOID, places)).isCloseTo(2.03e-2, within(5e-5));
  }

  private double distance(Activation other, double[] places) {
    List<Double> exact = ActivationCurve.of(engine, Activation.GELU, places).values();
    List<Double> near = ActivationCurve.of(engine, other, places).values();
    return IntStream.range(0, places.length)
        .mapToDouble(i -> Math.abs(exact.get(i) - near.get(i)))
        .max()
        .orElseThrow();
  }

  /** Mean and variance of a standard normal number stay (Klambauer et al. 2017, theorem 1). */
  @Test
  void seluKeepsMeanAndVariance() {
    double[] places = IntStream.range(0, 16_001).mapToDouble(i -> -8 + i * 1e-3).toArray();
    List<Double> values = ActivationCurve.of(engine, Activation.SELU, places).values();
    double mean = 0;
    double square = 0;
    for (int i = 0; i < places.length; i++) {
      double density = Math.exp(-places[i] * places[i] / 2) / Math.sqrt(2 * Math.PI) * 1e-3;
      mean += values.get(i) * density;
      square += values.get(i) * values.get(i) * density;
    }
    assertThat(mean).isCloseTo(0, within(1e-6));
    assertThat(square - mean * mean).isCloseTo(1, within(1e-6));
  }

  @ParameterizedTest
  @EnumSource
  void derivativesAreThoseOfFiniteDifferences(Activation activation) {
    double[] places = {-6, -2.5, -1.2, -0.4, -0.01, 0.01, 0.3, 0.9, 2, 5};
    double step = 1e-6;
    ActivationCurve curve = ActivationCurve.of(engine, activation, places);
    for (int i = 0; i < places.length; i++) {
      double difference =
          (at(activation, places[i] + step) - at(activation, places[i] - step)) / (2 * step);
      assertThat(curve.derivatives().get(i))
          .as("%s at %s", activation, places[i])
          .isCloseTo(difference, within(1e-8));
    }
  }

  @Test
  void whereTheStepIsNobodyLearns() {
    ActivationCurve curve = ActivationCurve.of(engine, Activation.STEP, -1e-9, 0, 1e-9);
    assertThat(curve.values()).containsExactly(0.0, 0.0, 1.0);
    assertThat(curve.derivatives()).containsOnly(0.0);
    assertThat(ActivationCurve.of(engine, Activation.RELU, 0).derivatives()).containsExactly(0.0);
  }

  @Test
  void curvesAreOfWhatIsAskedFor() {
    ActivationCurves all = ActivationCurves.of(engine, ActivationCurves.Request.usual(List.of()));
    assertThat(all.activations()).hasSize(Activation.values().length);
    assertThat(all.chart(true).panels()).allMatch(panel -> panel.curves().size() == 2);
    ActivationCurves two =
        ActivationCurves.of(
            engine, new ActivationCurves.Request(List.of("swiglu", "silu", "relu"), 0, 1, 3));
    assertThat(two.activations())
        .extracting(ActivationCurve::activation)
        .containsExactly(Activation.SILU, Activation.RELU);
    assertThat(two.activations().getLast().values()).containsExactly(0.0, 0.5, 1.0);
    assertThat(two.chart(false).panels().getFirst().curves()).hasSize(1);
    assertThatThrownBy(() -> Activation.named(List.of("gelo")))
        .hasMessageContaining("did you mean gelu? Activations are silu, swish, swiglu, gelu");
    assertThatThrownBy(() -> new ActivationCurves.Request(List.of(), 2, 1, 3))
        .hasMessageContaining("from must be less than to");
    assertThatThrownBy(() -> new ActivationCurves.Request(List.of(), 0, 1, 1))
        .hasMessageContaining("points is 1");
  }
}
