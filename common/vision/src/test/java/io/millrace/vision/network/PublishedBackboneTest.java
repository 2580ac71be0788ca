package io.millrace.vision.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.activation.Activation;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.parameter.ParameterSpec;
import java.io.IOException;
import java.io.InputStream;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Backbones of published shapes against torchvision's and timm's, see {@code golden.py}. */
class PublishedBackboneTest {

  private static final LayerStyle BATCH =
      new LayerStyle(Activation.RELU, Norm.BATCH, 1, /* bias= */ false);
  private static final LayerStyle BATCH_AND_BIAS =
      new LayerStyle(Activation.RELU, Norm.BATCH, 1, /* bias= */ true);
  private static final LayerStyle PLAIN =
      new LayerStyle(Activation.RELU, Norm.NONE, 1, /* bias= */ true);

  private final TensorEngine engine = TensorEngine.start("cpu");

  private static List<ParameterSpec> specs(LayerStyle style, Backbone backbone) {
    NetworkWeights weights = new NetworkWeights(style);
    Object unused = backbone.tuple(weights);
    return weights.specs();
  }

  private static long learned(List<ParameterSpec> specs) {
    return specs.stream()
        .filter(spec -> spec.group().learned())
        .mapToLong(ParameterSpec::count)
        .sum();
  }

  /** torchvision's counts with their classifier of 1000 classes. */
  @ParameterizedTest
  @CsvSource({
    "18, 11689512, 512",
    "34, 21797672, 512",
    "50, 25557032, 2048",
    "101, 44549160, 2048",
    "152, 60192808, 2048"
  })
  void resNetsHaveTorchvisionsParameters(int depth, long parameters, long width) {
    Backbone backbone = new ResNetBackbone(depth, false, 4);
    assertThat(learned(specs(BATCH, backbone)) + 1000 * width + 1000).isEqualTo(parameters);
    assertThat(backbone.levels().getLast()).isEqualTo(new Level((int) width, 32));
  }

  @Test
  void vggHasTorchvisionsParameters() {
    long classifier = 25088L * 4096 + 4096 + 4096L * 4096 + 4096 + 4096L * 1000 + 1000;
    assertThat(learned(specs(PLAIN, new VggBackbone(3, false))) + classifier)
        .isEqualTo(138_357_544);
    // What S3FD has behind conv5_3.
    long behind = learned(specs(PLAIN, new VggBackbone(6, true))) - 14_714_688;
    long fc = 512L * 1024 * 9 + 1024 + 1024L * 1024 + 1024;
    long conv6 = 1024L * 256 + 256 + 256L * 512 * 9 + 512;
    long conv7 = 512L * 128 + 128 + 128L * 256 * 9 + 256;
    assertThat(behind).isEqualTo(fc + conv6 + conv7 + 256 + 512 + 512);
  }

  /** Of both libraries: their classes, names of tensors and results. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "torchvision resnet18",
        "timm resnet18",
        "torchvision resnet50",
        "timm resnet50",
        "torchvision resnet50 stride_in_1x1",
        "torchvision vgg16",
        "timm vgg16",
        "torchvision vgg16_bn",
        "timm vgg16_bn"
      })
  void givesWhatTorchvisionAndTimmGive(String name) throws IOException {
    JsonNode golden = golden().get(name);
    String network = name.substring(name.indexOf(' ') + 1);
    Backbone backbone =
        switch (network) {
          case "resnet18" -> new ResNetBackbone(18, false, 4);
          case "resnet50" -> new ResNetBackbone(50, false, 4);
          case "resnet50 stride_in_1x1" -> new ResNetBackbone(50, true, 2);
          default -> new VggBackbone(3, false);
        };
    LayerStyle style =
        switch (network) {
          case "vgg16" -> PLAIN;
          case "vgg16_bn" -> BATCH_AND_BIAS;
          default -> BATCH;
        };
    int side = network.startsWith("resnet") ? 64 : 32;
    NoNeck all = new NoNeck(backbone.levels().stream().map(Level::stride).toList());
    try (Trunk trunk = new Trunk(engine, style, backbone, all, /* fresh= */ false)) {
      for (ParameterSpec spec : trunk.specs()) {
        String theirs = spec.name().substring("backbone.".length());
        trunk.set(spec.name(), PublishedValues.of(theirs, spec));
      }
      String names =
          trunk.specs().stream()
              .map(spec -> spec.name().substring("backbone.".length()))
              .sorted(Comparator.naturalOrder())
              .collect(Collectors.joining("\n"));
      assertThat(PublishedValues.checksum(names)).isEqualTo(golden.get("names").asLong());
      NDArray x =
          trunk
              .manager()
              .create(
                  PublishedValues.noise(3 * side * side, "picture"), new Shape(1, 3, side, side));
      requireEqual(trunk.levels(x, /* learning= */ false, 0), golden.get("levels"));
    }
  }

  private static void requireEqual(NDList levels, JsonNode golden) {
    assertThat(levels).hasSize(golden.size());
    for (int i = 0; i < levels.size(); i++) {
      double[] found = levels.get(i).toDoubleArray();
      JsonNode samples = golden.get(i).get("samples");
      for (int k = 0; k < samples.size(); k++) {
        assertThat(found[97 * k % found.length])
            .as("level %s, sample %s", i, k)
            .isCloseTo(samples.get(k).asDouble(), within(1e-6));
      }
      int at = i;
      assertThat(levels.get(i).getShape().getShape())
          .containsExactly(
              IntStream.range(0, 4)
                  .mapToLong(d -> golden.get(at).get("shape").get(d).asLong())
                  .toArray());
    }
  }

  private static JsonNode golden() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(PublishedBackboneTest.class.getResourceAsStream("backbones.json"))) {
      return JsonMapper.builder().build().readTree(in);
    }
  }

  @ParameterizedTest
  @CsvSource({"18, false", "50, false", "50, true"})
  void gradientsOfResNetsAreThoseOfFiniteDifferences(int depth, boolean strideIn1x1) {
    Backbone backbone = new ResNetBackbone(depth, strideIn1x1, 2);
    LayerStyle smooth = new LayerStyle(Activation.SILU, Norm.GROUP, 8, /* bias= */ false);
    try (Trunk trunk = new Trunk(engine, smooth, backbone, new TopDownNeck(8))) {
      trunk.checkGradients(2, trunk.normal(1, 3, 16, 16), false, 0).requireBelow(1e-5);
    }
  }

  @Test
  void gradientsOfVggAreThoseOfFiniteDifferences() {
    LayerStyle smooth = new LayerStyle(Activation.SELU, Norm.NONE, 1, /* bias= */ false);
    try (Trunk trunk = new Trunk(engine, smooth, new VggBackbone(1, true), new TopDownNeck(8))) {
      trunk.checkGradients(2, trunk.normal(1, 3, 8, 8), false, 0).requireBelow(1e-5);
    }
  }

  /** Of all that lies behind conv3, with the lengths of three maps; and of what S3FD has behind. */
  @ParameterizedTest
  @CsvSource({"3, 32, features\\.(17|19|21|24|26|28)|l2_norm.", "6, 64, fc.|conv[67]_."})
  void gradientsOfVggsLaterLayersAreThoseOfFiniteDifferences(int maps, int side, String layers) {
    LayerStyle smooth = new LayerStyle(Activation.SELU, Norm.NONE, 1, /* bias= */ true);
    VggBackbone vgg = new VggBackbone(maps, true);
    NoNeck all = new NoNeck(vgg.levels().stream().map(Level::stride).toList());
    try (Trunk trunk = new Trunk(engine, smooth, vgg, all)) {
      Pattern names = Pattern.compile("backbone\\.(" + layers + ")(\\.(weight|bias))?");
      List<String> checked =
          trunk.specs().stream()
              .map(ParameterSpec::name)
              .filter(name -> names.matcher(name).matches())
              .toList();
      assertThat(checked).hasSize(maps == 3 ? 15 : 12);
      trunk.checkGradients(checked, 1, trunk.normal(1, 3, side, side), false, 0).requireBelow(1e-5);
    }
  }

  /** Each map's cells have their channels' lengths. */
  @Test
  void vggsMapsAreScaledToALength() {
    try (Trunk trunk =
        new Trunk(engine, PLAIN, new VggBackbone(2, true), new NoNeck(List.of(4, 8)))) {
      trunk.fill("backbone.l2_norm3", 10);
      trunk.fill("backbone.l2_norm4", 8);
      NDList levels = trunk.levels(trunk.normal(1, 3, 16, 16), false, 0);
      assertThat(levels.stream().map(NDArray::getShape).toList())
          .containsExactly(new Shape(1, 256, 4, 4), new Shape(1, 512, 2, 2));
      assertThat(new VggBackbone(6, true).levels())
          .extracting(Level::channels)
          .containsExactly(256, 512, 512, 1024, 512, 256);
      requireLengths(levels.get(0), 10);
      requireLengths(levels.get(1), 8);
    }
  }

  private static void requireLengths(NDArray level, double length) {
    for (double found : level.square().sum(new int[] {1}).sqrt().toDoubleArray()) {
      assertThat(found).isCloseTo(length, within(1e-6));
    }
  }

  @Test
  void aResNetsStageCanHaveBranches() {
    TridentBackbone trident =
        new TridentBackbone(
            new ResNetBackbone(18, false, 2), 2, List.of(1, 2), true, List.of(), false);
    LayerStyle groups = LayerStyle.groups(8);
    try (Trunk trunk = new Trunk(engine, groups, trident, new TopDownNeck(8))) {
      NDArray x = trunk.normal(1, 3, 32, 32);
      NDArray both = trunk.levels(x, false, 0, 1).get(0);
      assertThat(both.get("1:").toDoubleArray())
          .isEqualTo(trunk.levels(x, false, 1).get(0).toDoubleArray())
          .isNotEqualTo(trunk.levels(x, false, 0).get(0).toDoubleArray());
    }
  }

  @ParameterizedTest
  @EnumSource(value = Activation.class, names = "STEP", mode = Mode.EXCLUDE)
  void everyActivationIsLearnedThroughEveryNorm(Activation activation) {
    ResidualBackbone small = new ResidualBackbone(List.of(4, 4, 4), List.of(1, 0));
    for (Norm norm : Norm.values()) {
      for (boolean bias : new boolean[] {false, true}) {
        LayerStyle style = new LayerStyle(activation, norm, 2, bias);
        PyramidNeck neck = new PyramidNeck(4, List.of(4, 8), PyramidNeck.Extra.POOLING);
        try (Trunk trunk = new Trunk(engine, style, small, neck)) {
          // The batch's own statistics take a bias away again: it has no gradient to compare.
          boolean learning = !(bias && norm == Norm.BATCH);
          trunk.checkGradients(3, trunk.normal(2, 3, 16, 16), learning, 0).requireBelow(1e-5);
        }
      }
    }
  }

  @Test
  void refusesWhatMakesNoSense() {
    assertThatThrownBy(() -> new ResNetBackbone(42, false, 4)).hasMessageContaining("depth 42");
    assertThatThrownBy(() -> new ResNetBackbone(50, false, 5)).hasMessageContaining("5 stages");
    assertThatThrownBy(() -> new ResNetBackbone(18, true, 4)).hasMessageContaining("no 1 x 1");
    assertThatThrownBy(() -> new VggBackbone(7, false)).hasMessageContaining("7 maps");
    assertThatThrownBy(() -> new LayerStyle(Activation.STEP, Norm.BATCH, 1, false))
        .hasMessageContaining("step")
        .hasMessageContaining("no gradient");
    assertThatThrownBy(() -> specs(LayerStyle.groups(48), new ResNetBackbone(18, false, 1)))
        .hasMessageContaining("64")
        .hasMessageContaining("48");
  }
}
