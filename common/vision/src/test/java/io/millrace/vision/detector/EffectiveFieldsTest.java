package io.millrace.vision.detector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.millrace.tensor.activation.Activation;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.parameter.ParameterSpec;
import io.millrace.vision.detector.head.CenterNetHead;
import io.millrace.vision.network.LayerStyle;
import io.millrace.vision.network.NoNeck;
import io.millrace.vision.network.Norm;
import io.millrace.vision.network.ResidualBackbone;
import io.millrace.vision.receptive.Field;
import io.millrace.vision.receptive.GradientMap;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class EffectiveFieldsTest {

  private static final LayerStyle PLAIN =
      new LayerStyle(Activation.RELU, Norm.NONE, 1, /* bias= */ true);

  private final TensorEngine engine = TensorEngine.start("cpu");

  /** Convolutions of 3 x 3 and stride 2, so many after each other. */
  private static DetectorConfig strided(int width, int height, LayerStyle style) {
    return new DetectorConfig(
        DetectorConfig.ARCHITECTURE,
        List.of("a"),
        width,
        height,
        style,
        new ResidualBackbone(List.of(4, 4, 4), List.of(0, 0)),
        new NoNeck(List.of(8)),
        CenterNetHead.published(4));
  }

  /** Ones and biases that keep all values positive make the network linear. */
  private void makeLinear(DetectorNetwork network) {
    try (NDManager manager = engine.newManager()) {
      NDList targets = network.weights().tensors();
      NDList values = new NDList();
      List<ParameterSpec> specs = DetectorLayout.of(network.config()).specs();
      for (int i = 0; i < specs.size(); i++) {
        NDArray ones = manager.ones(targets.get(i).getShape());
        values.add(specs.get(i).name().endsWith("bias") ? ones.mul(100) : ones);
      }
      NDList unused = network.kernels().run(manager, "overwrite", targets, values);
    }
  }

  /** In how many ways a pixel reaches a cell, along one side. */
  private static double[] ways(int side, int cell) {
    double[] ways = new double[side / 8];
    ways[cell] = 1;
    for (int length = side / 4; length <= side; length *= 2) {
      double[] finer = new double[length];
      for (int i = 0; i < ways.length; i++) {
        for (int tap = Math.max(0, 2 * i - 1); tap <= Math.min(length - 1, 2 * i + 1); tap++) {
          finer[tap] += ways[i];
        }
      }
      ways = finer;
    }
    return ways;
  }

  @Test
  void gradientsAreThoseThatAreCountedByHand() {
    try (DetectorNetwork network = DetectorNetwork.create(engine, strided(64, 32, PLAIN), 1)) {
      makeLinear(network);
      EffectiveField field = new EffectiveFields(engine, network).measure(2, 3).getFirst();
      GradientMap gradients = field.gradients();
      // Room for the field of 15 pixels and two cells.
      assertThat(gradients.width()).isEqualTo(32);
      assertThat(gradients.height()).isEqualTo(32);
      double[] ways = ways(32, 2);
      double scale = gradients.get(16, 16) / Math.pow(ways[16], 4);
      double[] squares = new double[32 * 32];
      for (int y = 0; y < 32; y++) {
        for (int x = 0; x < 32; x++) {
          squares[32 * y + x] = Math.pow(ways[x] * ways[y], 2);
          assertThat(gradients.get(x, y) / scale)
              .as("pixel %d, %d", x, y)
              .isCloseTo(squares[32 * y + x], within(1e-4 * Math.pow(ways[16], 4)));
        }
      }
      assertThat(Arrays.stream(ways).filter(way -> way > 0).count()).isEqualTo(15);
      assertThat(field.layers()).isEqualTo(new Field("stage2.down", 8, 0, 15));
      assertThat(field.x()).isEqualTo(16);
      GradientMap byHand = new GradientMap(32, 32, squares);
      assertThat(field.size()).isEqualTo(byHand.sideHolding(16, 16, 0.95)).isPositive();
      assertThat(field.shareOfLayers()).isEqualTo(field.size() / 15);
      assertThat(gradients.shareWithin(16, 16, 15)).isEqualTo(1);
    }
  }

  /**
   * Dilated branches depend on more, but on less than their layers allow (Luo et al., figure 1).
   */
  @Test
  void growsWithDilationAndIsSmallerThanTheFieldByLayers() {
    DetectorConfig plain =
        SmallDetectors.withLayers(
            SmallDetectors.centerNet(
                List.of("a"), 128, 128, List.of(8, 8, 8, 8), List.of(0, 2, 1), 8, 8, 8),
            PLAIN);
    DetectorConfig trident =
        SmallDetectors.withNeck(
            SmallDetectors.trident(plain, 2, List.of()), new NoNeck(List.of(16)));
    try (DetectorNetwork network = DetectorNetwork.create(engine, trident, 1)) {
      List<EffectiveField> fields = new EffectiveFields(engine, network).measure(4, 1);
      assertThat(fields).extracting(EffectiveField::branch).containsExactly(0, 1, 2);
      for (int i = 0; i < 3; i++) {
        EffectiveField field = fields.get(i);
        assertThat(field.stride()).isEqualTo(16);
        assertThat(field.gradients().shareWithin(field.x(), field.y(), field.layers().size()))
            .as("nothing else is seen")
            .isEqualTo(1);
        assertThat(field.size()).isPositive().isLessThan(0.9 * field.layers().size());
        if (i > 0) {
          assertThat(field.size()).isGreaterThan(fields.get(i - 1).size());
        }
      }
      assertThatThrownBy(() -> new EffectiveFields(engine, network).measure(0, 1))
          .hasMessageContaining("not 0");
    }
  }

  /** The head of MTCNN reads the picture itself. */
  @Test
  void aPixelSeesItself() {
    try (DetectorNetwork network =
        DetectorNetwork.create(engine, SmallDetectors.mtcnn(64, 10), 1)) {
      EffectiveField field = new EffectiveFields(engine, network).measure(1, 1).getFirst();
      assertThat(field.layers()).isEqualTo(Field.PIXEL);
      assertThat(field.size()).isEqualTo(1);
    }
  }
}
