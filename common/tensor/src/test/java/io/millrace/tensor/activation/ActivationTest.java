package io.millrace.tensor.activation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.Kernels;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every activation by name against PyTorch's own; make.py made the values. */
class ActivationTest {

  private static final Set<String> UNITS = Set.of("glu", "geglu", "swiglu", "reglu", "bilinear");

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final JsonNode golden = golden();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "silu",
        "swish",
        "gelu",
        "gelu_pytorch_tanh",
        "gelu_new",
        "sigmoid",
        "tanh",
        "relu",
        "leaky_relu",
        "leaky_relu_0.1",
        "prelu",
        "elu",
        "selu",
        "mish",
        "step",
        "threshold",
        "glu",
        "geglu",
        "swiglu",
        "reglu",
        "bilinear",
        "linear",
        "quick_gelu",
        "gelu_sigmoid",
        "swish_beta"
      })
  void givesTheValuesOfPyTorch(String name) {
    double[] x = values("x");
    try (NDManager manager = engine.newManager();
        Kernels kernels = Kernels.compile(engine, Activation.of(name).kernel())) {
      NDArray gate = manager.create(x);
      NDArray slope = manager.create(new double[] {0.25});
      NDArray result = kernels.run(manager, "activate", gate, slope).singletonOrThrow();
      if (UNITS.contains(name)) {
        result = result.mul(gate).mul(2);
      }
      assertThat(result.toDoubleArray()).containsExactly(values(name), within(1e-14));
    }
  }

  @Test
  void everyOneHasGoldenValuesAndAKernelOfItsOwn() {
    assertThat(Arrays.stream(Activation.values()).map(Activation::key))
        .allSatisfy(key -> assertThat(golden.has(key)).as(key).isTrue());
    assertThat(Arrays.stream(Activation.values()).map(one -> one.kernel().text()))
        .doesNotHaveDuplicates();
    assertThatThrownBy(() -> Activation.of("cosine"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("\"cosine\" is no activation; it must be one of silu, swish");
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void whatKeepsOrderNeverFalls(Activation activation) {
    double[] x = IntStream.rangeClosed(-60, 60).mapToDouble(i -> i / 10.0).toArray();
    try (NDManager manager = engine.newManager();
        Kernels kernels = Kernels.compile(engine, activation.kernel())) {
      double[] y =
          kernels
              .run(manager, "activate", manager.create(x), manager.create(new double[] {-0.25}))
              .singletonOrThrow()
              .toDoubleArray();
      double[] sorted = y.clone();
      Arrays.sort(sorted);
      assertThat(Arrays.equals(y, sorted) || !activation.keepsOrder()).isTrue();
    }
  }

  private double[] values(String name) {
    return StreamSupport.stream(golden.path(name).spliterator(), false)
        .mapToDouble(JsonNode::asDouble)
        .toArray();
  }

  private static JsonNode golden() {
    try (InputStream json = ActivationTest.class.getResourceAsStream("golden.json")) {
      return JsonMapper.shared().readTree(Objects.requireNonNull(json));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
