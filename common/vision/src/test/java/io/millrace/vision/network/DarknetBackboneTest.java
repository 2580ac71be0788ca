package io.millrace.vision.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.millrace.tensor.activation.Activation;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.parameter.ParameterSpec;
import io.millrace.vision.receptive.Field;
import io.millrace.vision.receptive.KnownNetworks;
import io.millrace.vision.receptive.Layer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DarknetBackboneTest {

  private static final LayerStyle PLAIN =
      new LayerStyle(Activation.LEAKY_RELU_TENTH, Norm.NONE, 1, /* bias= */ true);

  private final TensorEngine engine = TensorEngine.start("cpu");

  private static List<Layer> layers(Backbone backbone) {
    return backbone.layers(0).stream().flatMap(List::stream).toList();
  }

  private static NoNeck all(Backbone backbone) {
    return new NoNeck(backbone.levels().stream().map(Level::stride).toList());
  }

  @Test
  void seesWhatYoloSees() {
    DarknetBackbone paper = new DarknetBackbone(24, 5, 1);
    assertThat(layers(paper))
        .containsExactlyElementsOf(
            Objects.requireNonNull(KnownNetworks.byName().get("yolo-v1-paper")));
    Field last = Field.of(layers(paper));
    assertThat(last.size()).isEqualTo(749);
    assertThat(last.jump()).isEqualTo(64);
    assertThat(paper.levels())
        .containsExactly(
            new Level(192, 4),
            new Level(512, 8),
            new Level(1024, 16),
            new Level(1024, 32),
            new Level(1024, 64));
  }

  /** By hand: seven of 3 x 3 with a pooling between each two, then two more. */
  @Test
  void theFastOneHasNineConvolutions() {
    DarknetBackbone fast = new DarknetBackbone(9, 5, 1);
    List<Layer> layers = layers(fast);
    assertThat(layers).filteredOn(layer -> layer.name().startsWith("conv")).hasSize(9);
    Field last = Field.of(layers);
    int poolings = 1 + 2 + 4 + 8 + 16 + 32;
    int convolutions = 2 * (1 + 2 + 4 + 8 + 16 + 32 + 3 * 64);
    assertThat(last.size()).isEqualTo(1 + poolings + convolutions);
    assertThat(last.jump()).isEqualTo(64);
  }

  /** Weights and biases of the figure's convolutions, added up by hand. */
  @ParameterizedTest
  @CsvSource({"24, 60155968", "9, 25168800"})
  void hasAsManyParametersAsPublished(int depth, long parameters) {
    NetworkWeights weights = new NetworkWeights(PLAIN);
    Object unused = new DarknetBackbone(depth, 5, 1).tuple(weights);
    long found = weights.specs().stream().mapToLong(ParameterSpec::count).sum();
    assertThat(found).isEqualTo(parameters);
    assertThat(weights.specs()).hasSize(2 * depth);
  }

  /** Kernels that take the middle alone: what is left is poolings and activations. */
  @Test
  void poolsBeforeConvolutionsAndLeaksATenth() {
    DarknetBackbone backbone = new DarknetBackbone(9, 1, 16);
    try (Trunk trunk = new Trunk(engine, PLAIN, backbone, all(backbone), /* fresh= */ false)) {
      takeTheMiddle(trunk);
      double[] picture = new double[3 * 8 * 8];
      Arrays.fill(picture, -1);
      picture[2 * 8 + 5] = 3;
      NDArray x = trunk.manager().create(picture).reshape(1, 3, 8, 8);
      double[] map = trunk.maps(x, /* learning= */ false, 0).singletonOrThrow().toDoubleArray();
      assertThat(Arrays.copyOf(map, 4))
          .containsExactly(new double[] {-0.001, 3, -0.001, -0.001}, within(1e-15));
      assertThat(Arrays.copyOfRange(map, 4, 16)).containsOnly(0);
    }
  }

  /** Kernels that see the first channel's middle alone, and make the first channel of it. */
  private static void takeTheMiddle(Trunk trunk) {
    for (ParameterSpec spec : trunk.specs()) {
      if (spec.name().endsWith("weight")) {
        double[] values = new double[(int) spec.count()];
        values[4] = 1;
        trunk.set(spec.name(), values);
      }
    }
  }

  /** Mish falls before it rises: -3 gives more than -1, which a pooling before it would take. */
  @Test
  void poolsWhatTheActivationGives() {
    LayerStyle style = new LayerStyle(Activation.MISH, Norm.NONE, 1, /* bias= */ true);
    DarknetBackbone backbone = new DarknetBackbone(9, 1, 16);
    try (Trunk trunk = new Trunk(engine, style, backbone, all(backbone), /* fresh= */ false)) {
      takeTheMiddle(trunk);
      double[] picture = new double[3 * 8 * 8];
      Arrays.fill(picture, -1);
      for (int i = 0; i < 8 * 8; i += 2) {
        picture[i] = -3;
      }
      NDArray x = trunk.manager().create(picture).reshape(1, 3, 8, 8);
      double[] map = trunk.maps(x, /* learning= */ false, 0).singletonOrThrow().toDoubleArray();
      double expected = mish(mish(mish(-3)));
      assertThat(mish(-3)).isGreaterThan(mish(-1));
      assertThat(Arrays.copyOf(map, 4))
          .containsExactly(new double[] {expected, expected, expected, expected}, within(1e-14));
    }
  }

  private static double mish(double x) {
    return x * Math.tanh(Math.log1p(Math.exp(x)));
  }

  @ParameterizedTest
  @ValueSource(ints = {9, 24})
  void gradientsAreThoseOfFiniteDifferences(int depth) {
    DarknetBackbone backbone = new DarknetBackbone(depth, depth == 9 ? 3 : 2, 16);
    try (Trunk trunk = new Trunk(engine, PLAIN, backbone, all(backbone))) {
      NDArray x = trunk.normal(1, 3, 16, 32);
      NDList maps = trunk.maps(x, /* learning= */ false, 0);
      for (int i = 0; i < maps.size(); i++) {
        Level level = backbone.levels().get(i);
        assertThat(maps.get(i).getShape().getShape())
            .containsExactly(1, level.channels(), 16 / level.stride(), 32 / level.stride());
      }
      trunk.checkGradients(4, x, /* learning= */ true, 0).requireBelow(1e-5);
    }
  }

  @Test
  void refusesWhatThereIsNot() {
    assertThatThrownBy(() -> new DarknetBackbone(19, 5, 1)).hasMessageContaining("depth 19");
    assertThatThrownBy(() -> new DarknetBackbone(24, 6, 1)).hasMessageContaining("6 stages");
    assertThatThrownBy(() -> new DarknetBackbone(24, 5, 3)).hasMessageContaining("not by 3");
  }
}
