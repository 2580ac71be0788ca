package io.millrace.vision.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.activation.Activation;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.parameter.ParameterSpec;
import io.millrace.vision.network.PyramidNeck.Extra;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NeckTest {

  private static final LayerStyle STYLE = LayerStyle.groups(2);
  private static final ResidualBackbone SMALL =
      new ResidualBackbone(List.of(4, 4, 6, 8), List.of(1, 0, 0));
  private static final List<Level> ONE_CHANNEL =
      List.of(new Level(1, 4), new Level(1, 8), new Level(1, 16));

  private final TensorEngine engine = TensorEngine.start("cpu");

  private static List<Shape> shapes(NDList levels) {
    return levels.stream().map(NDArray::getShape).toList();
  }

  @Test
  void pyramidHasTheStridesThatAreAskedFor() {
    Neck neck = new PyramidNeck(6, List.of(4, 8, 16, 32, 64), Extra.POOLING);
    assertThat(neck.levels(SMALL.levels()))
        .containsExactly(
            new Level(6, 4), new Level(6, 8), new Level(6, 16), new Level(6, 32), new Level(6, 64));
    try (Trunk trunk = new Trunk(engine, STYLE, SMALL, neck)) {
      assertThat(shapes(trunk.levels(trunk.normal(2, 3, 48, 80), false, 0)))
          .containsExactly(
              new Shape(2, 6, 12, 20),
              new Shape(2, 6, 6, 10),
              new Shape(2, 6, 3, 5),
              new Shape(2, 6, 2, 3),
              new Shape(2, 6, 1, 2));
    }
  }

  @ParameterizedTest
  @EnumSource(Extra.class)
  void pyramidWorksFromAFinestMapOfStride8(Extra extra) {
    Neck neck = new PyramidNeck(4, List.of(8, 16, 32, 64), extra);
    try (Trunk trunk = new Trunk(engine, STYLE, SMALL, neck)) {
      NDArray x = trunk.normal(1, 3, 48, 48);
      assertThat(shapes(trunk.levels(x, false, 0)))
          .containsExactly(
              new Shape(1, 4, 6, 6),
              new Shape(1, 4, 3, 3),
              new Shape(1, 4, 2, 2),
              new Shape(1, 4, 1, 1));
      assertThat(trunk.specs().stream().map(ParameterSpec::name).toList())
          .contains("neck.lateral1.weight")
          .doesNotContain("neck.lateral2.weight");
    }
  }

  /** All weights 1 but those around the middle of 3 x 3 kernels, which are 0. */
  @Test
  void pyramidAddsTheCoarserToTheFiner() {
    Neck neck = new PyramidNeck(2, List.of(4, 8, 16, 32), Extra.POOLING);
    NetworkWeights described = new NetworkWeights(STYLE);
    Object unused = neck.tuple(described, ONE_CHANNEL);
    try (Trunk trunk = new Trunk(engine, STYLE, SMALL, neck)) {
      NDList own = new NDList();
      for (ParameterSpec spec : described.specs()) {
        double[] values = new double[(int) spec.count()];
        if (spec.name().contains("lateral") && spec.name().endsWith("weight")) {
          values = new double[] {1, -1};
        } else if (spec.name().endsWith("weight")) {
          values[4] = 1; // The first channel's middle for the first,
          values[27 + 4] = 1; // the second's for the second.
        } else if (spec.name().equals("neck.output0.bias")) {
          values[0] = 0.5;
        }
        own.add(trunk.manager().create(values, spec.shape()));
      }
      double[] fine = new double[64];
      Arrays.setAll(fine, i -> i);
      NDList maps =
          new NDList(
              trunk.manager().create(fine, new Shape(1, 1, 8, 8)),
              trunk.manager().full(new Shape(1, 1, 4, 4), 1000f).toType(DataType.FLOAT64, false),
              trunk.manager().create(new double[] {1e4, 2e4, 3e4, 4e4}, new Shape(1, 1, 2, 2)));
      NDList levels = trunk.neck(maps, neck, ONE_CHANNEL, STYLE, own);
      assertThat(levels).hasSize(4);
      for (int y = 0; y < 8; y++) {
        for (int x = 0; x < 8; x++) {
          double sum = 8 * y + x + 1000 + 1e4 * (1 + x / 4 + 2 * (y / 4));
          assertThat(levels.get(0).getDouble(0, 0, y, x)).isCloseTo(sum + 0.5, within(1e-9));
          assertThat(levels.get(0).getDouble(0, 1, y, x)).isCloseTo(-sum, within(1e-9));
        }
      }
      assertThat(levels.get(2).get(":, 0").toDoubleArray()).containsExactly(1e4, 2e4, 3e4, 4e4);
      assertThat(levels.get(3).toDoubleArray()).containsExactly(1e4, -1e4);
    }
  }

  /** Between P6 and P7 stands a ReLU, before P6 none. */
  @Test
  void coarserMapsAreMadeByConvolutions() {
    Neck neck = new PyramidNeck(2, List.of(16, 32, 64), Extra.CONVOLUTION);
    List<Level> one = ONE_CHANNEL.subList(2, 3);
    NetworkWeights described = new NetworkWeights(STYLE);
    Object unused = neck.tuple(described, one);
    try (Trunk trunk = new Trunk(engine, STYLE, SMALL, neck)) {
      NDList own = new NDList();
      for (ParameterSpec spec : described.specs()) {
        double[] values = new double[(int) spec.count()];
        if (spec.name().endsWith("lateral0.weight")) {
          values = new double[] {1, -1};
        } else if (spec.name().endsWith("weight")) {
          values[4] = 1;
          values[27 + 4] = 1;
        }
        own.add(trunk.manager().create(values, spec.shape()));
      }
      double[] cells = new double[16];
      Arrays.setAll(cells, i -> i + 1);
      NDList maps = new NDList(trunk.manager().create(cells, new Shape(1, 1, 4, 4)));
      NDList levels = trunk.neck(maps, neck, one, STYLE, own);
      assertThat(levels.get(1).toDoubleArray()).containsExactly(1, 3, 9, 11, -1, -3, -9, -11);
      assertThat(levels.get(2).toDoubleArray()).containsExactly(1, 0);
    }
  }

  @ParameterizedTest
  @EnumSource(Extra.class)
  void gradientsOfThePyramidAreThoseOfFiniteDifferences(Extra extra) {
    Neck neck = new PyramidNeck(4, List.of(4, 8, 16, 32, 64), extra);
    try (Trunk trunk = new Trunk(engine, STYLE, SMALL, neck)) {
      trunk.checkGradients(trunk.normal(2, 3, 32, 16), false, 0).requireBelow(1e-5);
    }
  }

  @Test
  void gradientsOfTheContextAreThoseOfFiniteDifferences() {
    Neck neck = new ContextNeck(16, 4, List.of(1, 2, 3));
    try (Trunk trunk = new Trunk(engine, STYLE, SMALL, neck)) {
      NDArray x = trunk.normal(1, 3, 32, 48);
      assertThat(shapes(trunk.levels(x, false, 0))).containsExactly(new Shape(1, 4, 2, 3));
      trunk.checkGradients(x, false, 0).requireBelow(1e-5);
    }
  }

  /** A cell sees as far as the largest dilation, and no further. */
  @Test
  void contextReachesAsFarAsItsDilations() {
    Neck neck = new ContextNeck(4, 2, List.of(1, 3));
    LayerStyle plain = new LayerStyle(Activation.TANH, Norm.NONE, 1, /* bias= */ false);
    List<Level> one = ONE_CHANNEL.subList(0, 1);
    NetworkWeights described = new NetworkWeights(plain);
    Object unused = neck.tuple(described, one);
    try (Trunk trunk = new Trunk(engine, plain, SMALL, neck)) {
      NDList own = new NDList();
      described.specs().forEach(spec -> own.add(trunk.normal(spec.shape().getShape())));
      NDArray zero = trunk.manager().zeros(new Shape(1, 1, 9, 9), DataType.FLOAT64);
      double[] cells = new double[81];
      cells[40] = 1; // The middle.
      NDArray spot = trunk.manager().create(cells, new Shape(1, 1, 9, 9));
      NDArray changed =
          trunk
              .neck(new NDList(spot), neck, one, plain, own)
              .get(0)
              .sub(trunk.neck(new NDList(zero), neck, one, plain, own).get(0));
      for (int y = 0; y < 9; y++) {
        for (int x = 0; x < 9; x++) {
          int dx = Math.abs(x - 4);
          int dy = Math.abs(y - 4);
          boolean seen = dx <= 1 && dy <= 1 || dx % 3 == 0 && dy % 3 == 0 && dx <= 3 && dy <= 3;
          assertThat(changed.getDouble(0, 0, y, x) != 0).as("%s, %s", x, y).isEqualTo(seen);
        }
      }
    }
  }

  @Test
  void refusesWhatMakesNoSense() {
    List<Level> levels = SMALL.levels();
    assertThatThrownBy(() -> new PyramidNeck(4, List.of(4, 16), Extra.POOLING))
        .hasMessageContaining("[4, 16]")
        .hasMessageContaining("twice the one before");
    assertThatThrownBy(() -> new PyramidNeck(4, List.of(), Extra.POOLING))
        .hasMessageContaining("no map");
    assertThatThrownBy(() -> new PyramidNeck(4, List.of(4, 8), Extra.POOLING).levels(levels))
        .hasMessageContaining("coarsest map, of stride 16");
    assertThatThrownBy(() -> new PyramidNeck(4, List.of(2, 4, 8, 16), Extra.POOLING).levels(levels))
        .hasMessageContaining("stride 2")
        .hasMessageContaining("[4, 8, 16]");
    assertThatThrownBy(
            () -> new Trunk(engine, STYLE, SMALL, new PyramidNeck(3, List.of(16), Extra.POOLING)))
        .hasMessageContaining("width of 3");
    assertThatThrownBy(() -> new ContextNeck(8, 4, List.of(2, 2))).hasMessageContaining("twice");
    assertThatThrownBy(() -> new ContextNeck(8, 4, List.of())).hasMessageContaining("no dilations");
    assertThatThrownBy(() -> new ContextNeck(8, 4, List.of(0))).hasMessageContaining("0");
    assertThatThrownBy(() -> new ContextNeck(8, 4, List.of(1)).levels(levels))
        .hasMessageContaining("goes on to stride 16");
    assertThatThrownBy(() -> new NoNeck(List.of(4, 8)).levels(levels))
        .hasMessageContaining("goes on to stride 16");
    assertThatThrownBy(() -> new ContextNeck(32, 4, List.of(1)).levels(levels))
        .hasMessageContaining("stride 32")
        .hasMessageContaining("[4, 8, 16]");
  }
}
