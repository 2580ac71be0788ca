package io.millrace.vision.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.activation.Activation;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.parameter.ParameterSpec;
import io.millrace.vision.box.SizeRange;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TridentBackboneTest {

  private static final double NO_BOUND = Double.POSITIVE_INFINITY;
  private static final LayerStyle STYLE = LayerStyle.groups(2);
  private static final ResidualBackbone PLAIN =
      new ResidualBackbone(List.of(4, 4, 4, 6), List.of(1, 2, 0));
  private static final NoNeck ALL = new NoNeck(List.of(4, 8, 16));

  private final TensorEngine engine = TensorEngine.start("cpu");

  private static TridentBackbone trident(int stage, boolean shared, Integer... dilations) {
    return new TridentBackbone(PLAIN, stage, List.of(dilations), shared, List.of(), false);
  }

  private static double[] values(NDArray map, int firstPicture, int pictures) {
    return map.get(firstPicture + ":" + (firstPicture + pictures)).toDoubleArray();
  }

  /** Pictures lie branch by branch; what comes before the branches is the same for all. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void everyBranchIsWhatItIsAlone(boolean shared) {
    try (Trunk trunk = new Trunk(engine, STYLE, trident(2, shared, 1, 2, 3), ALL)) {
      NDArray x = trunk.normal(2, 3, 48, 32);
      NDList together = trunk.levels(x, false, 0, 1, 2);
      assertThat(together.stream().map(NDArray::getShape).toList())
          .containsExactly(new Shape(6, 4, 12, 8), new Shape(6, 4, 6, 4), new Shape(6, 6, 3, 2));
      for (int branch = 0; branch < 3; branch++) {
        NDList alone = trunk.levels(x, false, branch);
        for (int level = 0; level < 3; level++) {
          assertThat(values(together.get(level), 2 * branch, 2))
              .as("branch %s, level %s", branch, level)
              .isEqualTo(alone.get(level).toDoubleArray());
        }
      }
      assertThat(values(together.get(0), 0, 2)).isEqualTo(values(together.get(0), 4, 2));
      assertThat(values(together.get(1), 0, 2)).isNotEqualTo(values(together.get(1), 4, 2));
      assertThat(values(together.get(2), 0, 2)).isNotEqualTo(values(together.get(2), 2, 2));
    }
  }

  @Test
  void theBranchWithoutDilationIsTheBackboneItself() {
    try (Trunk branched = new Trunk(engine, STYLE, trident(2, true, 1, 2, 3), ALL);
        Trunk plain = new Trunk(engine, STYLE, PLAIN, ALL)) {
      assertThat(branched.specs()).isEqualTo(plain.specs());
      NDList expected = plain.levels(plain.normal(1, 3, 32, 32), false, 0);
      NDList found = branched.levels(branched.normal(1, 3, 32, 32), false, 0);
      for (int level = 0; level < 3; level++) {
        assertThat(found.get(level).toDoubleArray()).isEqualTo(expected.get(level).toDoubleArray());
      }
    }
  }

  @Test
  void unsharedBranchesHaveWeightsOfTheirOwn() {
    NetworkWeights weights = new NetworkWeights(STYLE);
    Object unused = trident(2, false, 1, 2, 3).tuple(weights);
    List<String> names = weights.specs().stream().map(ParameterSpec::name).toList();
    assertThat(names)
        .contains(
            "stage1.block0.first.conv.weight",
            "stage2.branch0.block1.first.conv.weight",
            "stage2.branch2.block0.second.norm.weight",
            "stage2.down.conv.weight")
        .doesNotContain("stage2.block0.first.conv.weight")
        .doesNotHaveDuplicates();
  }

  /** A block has two 3 x 3 convolutions, so that it reaches twice its dilation far. */
  @ParameterizedTest
  @CsvSource({"0, 1", "1, 2", "2, 3"})
  void dilationReachesFurther(int branch, int dilation) {
    LayerStyle plain = new LayerStyle(Activation.TANH, Norm.NONE, 1, /* bias= */ false);
    try (Trunk trunk =
        new Trunk(engine, plain, trident(1, true, 1, 2, 3), new NoNeck(List.of(4, 8, 16)))) {
      NDArray x = trunk.normal(1, 3, 16, 128);
      NDArray before = trunk.levels(x, false, branch).get(0);
      x.set(new NDIndex("0, 0, 8, 64"), 9);
      NDArray changed = trunk.levels(x, false, branch).get(0).neq(before);
      int furthest = 0;
      for (int i = 0; i < 32; i++) {
        if (changed.get("0, :, :, " + i).any().getBoolean()) {
          furthest = Math.max(furthest, Math.abs(i - 16));
        }
      }
      assertThat(furthest).isEqualTo(2 * dilation);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void gradientsAreThoseOfFiniteDifferences(boolean shared) {
    try (Trunk trunk = new Trunk(engine, STYLE, trident(2, shared, 1, 2, 3), new TopDownNeck(4))) {
      trunk.checkGradients(trunk.normal(2, 3, 32, 16), false, 0, 1, 2).requireBelow(1e-5);
    }
  }

  @Test
  void tellsOfItsBranches() {
    List<SizeRange> ranges =
        List.of(new SizeRange(0, 90), new SizeRange(30, 160), new SizeRange(90, NO_BOUND));
    TridentBackbone scaleAware =
        new TridentBackbone(PLAIN, 2, List.of(1, 2, 3), true, ranges, false);
    assertThat(scaleAware.branches()).isEqualTo(new Branches(ranges, List.of(0, 1, 2)));
    assertThat(scaleAware.branches().learning()).containsExactly(0, 1, 2);
    TridentBackbone fast = new TridentBackbone(PLAIN, 2, List.of(1, 2, 3), true, List.of(), true);
    assertThat(fast.branches().ranges()).hasSize(3).containsOnly(SizeRange.ALL);
    assertThat(fast.branches().looking()).containsExactly(1);
    assertThat(PLAIN.branches()).isEqualTo(Branches.ONE);
  }

  @Test
  void refusesWhatMakesNoSense() {
    assertThatThrownBy(() -> trident(4, true, 1, 2)).hasMessageContaining("no stage 4");
    assertThatThrownBy(() -> trident(3, true, 1, 2)).hasMessageContaining("nothing to branch");
    assertThatThrownBy(() -> trident(2, true)).hasMessageContaining("0 branches");
    assertThatThrownBy(() -> trident(2, true, 1, 0)).hasMessageContaining("dilation of 0");
    assertThatThrownBy(() -> trident(2, true, 2, 2)).hasMessageContaining("are the same");
    assertThat(trident(2, false, 2, 2).dilations()).hasSize(2);
    assertThatThrownBy(() -> ranged(false, new SizeRange(0, NO_BOUND)))
        .hasMessageContaining("1 ranges do not fit 2 branches");
    assertThatThrownBy(() -> ranged(false, new SizeRange(0, 20), new SizeRange(30, NO_BOUND)))
        .hasMessageContaining("from 20.0 to 30.0 belong to no branch");
    assertThatThrownBy(() -> ranged(false, new SizeRange(10, 90), new SizeRange(5, NO_BOUND)))
        .hasMessageContaining("from 0.0 to 5.0");
    assertThatThrownBy(() -> ranged(false, new SizeRange(0, 90), new SizeRange(50, 100)))
        .hasMessageContaining("from 100.0 to Infinity");
    assertThatThrownBy(() -> ranged(true, new SizeRange(0, 90), new SizeRange(50, NO_BOUND)))
        .hasMessageContaining("leave ranges empty");
    assertThatThrownBy(() -> ranged(true)).hasMessageContaining("no middle one");
  }

  private static TridentBackbone ranged(boolean fast, SizeRange... ranges) {
    return new TridentBackbone(PLAIN, 2, List.of(1, 2), true, List.of(ranges), fast);
  }
}
