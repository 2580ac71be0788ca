package io.millrace.vision.receptive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class FieldTest {

  @ParameterizedTest
  @CsvSource({
    "alexnet, 195",
    "vgg-16, 212",
    "resnet-50, 427",
    "resnet-101, 971",
    "resnet-152, 1451",
    "resnet-50-original, 483",
    "resnet-101-original, 1027",
    "resnet-152-original, 1507",
    "mobilenet-v1, 315",
    "yolo-v1-paper, 749",
    "p-net, 12",
    "cpc-audio, 465"
  })
  void isThatOfTheLiterature(String network, int size) {
    List<Layer> layers = Objects.requireNonNull(KnownNetworks.byName().get(network));
    assertThat(Field.of(layers).size()).isEqualTo(size);
    assertThat(Field.topDown(layers)).isEqualTo(size);
  }

  @Test
  void knowsEveryNetworkOfTheTable() {
    assertThat(KnownNetworks.byName()).hasSize(12);
  }

  @Test
  void tellsJumpAndStart() {
    Field vgg = Field.of(KnownNetworks.vgg16());
    assertThat(vgg).isEqualTo(new Field("pool5", 32, 15.5, 212));
    assertThat(Field.of(KnownNetworks.alexNet()).start()).isEqualTo(31);
    assertThat(Field.of(KnownNetworks.cpcAudio()).jump()).isEqualTo(160);
    assertThat(Field.of(KnownNetworks.pNet())).isEqualTo(new Field("conv3", 2, 5.5, 12));
    assertThat(Field.of(KnownNetworks.yoloV1()).jump()).isEqualTo(64);
    assertThat(named(Field.bottomUp(KnownNetworks.vgg16()), "conv5_3").size()).isEqualTo(196);
  }

  @ParameterizedTest
  @CsvSource({"1, 267, 811", "2, 427, 1515", "3, 587, 2219"})
  void isThatOfTridentsBranches(int dilation, int of50, int of101) {
    assertThat(trident(KnownNetworks.RESNET_50, dilation)).isEqualTo(of50);
    assertThat(trident(KnownNetworks.RESNET_101, dilation)).isEqualTo(of101);
  }

  private static double trident(List<Integer> blocks, int dilation) {
    List<Layer> layers =
        KnownNetworks.resNet(blocks, /* strideFirst= */ false, /* stages= */ 3, dilation);
    assertThat(Field.of(layers).jump()).isEqualTo(16);
    assertThat(Field.topDown(layers)).isEqualTo(Field.of(layers).size());
    return Field.of(layers).size();
  }

  /** VGG-16 with two more stages; each map has a head of 3 x 3. */
  @Test
  void isThatOfS3fdsSixMaps() {
    List<Layer> layers = new ArrayList<>(KnownNetworks.vgg16());
    layers.add(Layer.same("fc6", 3, 1, 1));
    layers.add(Layer.same("fc7", 1, 1, 1));
    layers.add(Layer.same("conv6_1", 1, 1, 1));
    layers.add(Layer.same("conv6_2", 3, 2, 1));
    layers.add(Layer.same("conv7_1", 1, 1, 1));
    layers.add(Layer.same("conv7_2", 3, 2, 1));
    List<Double> sizes =
        Stream.of("conv3_3", "conv4_3", "conv5_3", "fc7", "conv6_2", "conv7_2")
            .map(name -> withHead(layers, name))
            .toList();
    assertThat(sizes).containsExactly(48.0, 108.0, 228.0, 340.0, 468.0, 724.0);
  }

  private static double withHead(List<Layer> layers, String last) {
    List<Layer> upTo = new ArrayList<>();
    for (Layer layer : layers) {
      upTo.add(layer);
      if (layer.name().equals(last)) {
        break;
      }
    }
    upTo.add(Layer.same("head", 3, 1, 1));
    return Field.of(upTo).size();
  }

  static Stream<List<Layer>> randomNetworks() {
    Random random = new Random(5);
    return Stream.generate(
            () -> {
              List<Layer> layers = new ArrayList<>();
              for (int i = random.nextInt(12); i >= 0; i--) {
                layers.add(
                    random.nextInt(5) == 0
                        ? Layer.upsampling("up" + i, 2)
                        : new Layer(
                            "layer" + i,
                            1 + random.nextInt(5),
                            1 + random.nextInt(3),
                            random.nextInt(3),
                            1 + random.nextInt(3),
                            /* upsampling= */ 1));
              }
              return layers;
            })
        .limit(50);
  }

  @ParameterizedTest
  @MethodSource("randomNetworks")
  void isTheSameFromBothEnds(List<Layer> layers) {
    assertThat(Field.topDown(layers)).isCloseTo(Field.of(layers).size(), within(1e-9));
    assertThat(Field.bottomUp(layers)).hasSize(layers.size());
  }

  /** Which pixels the first cell sees, followed tap by tap. */
  @ParameterizedTest
  @MethodSource("randomNetworks")
  void isWhatTheFirstCellSeesTapByTap(List<Layer> layers) {
    long first = 0;
    long last = 0;
    for (Layer layer : layers.reversed()) {
      if (layer.upsampling() > 1) {
        return;
      }
      first = first * layer.stride() - layer.padding();
      last =
          last * layer.stride() - layer.padding() + (long) layer.dilation() * (layer.kernel() - 1);
    }
    Field field = Field.of(layers);
    assertThat(field.size()).isEqualTo(last - first + 1);
    assertThat(field.start()).isEqualTo((first + last) / 2.0);
  }

  @Test
  void halvesTheJumpWhereItUpSamples() {
    List<Layer> layers =
        List.of(
            Layer.of("pool", 2, 2, 0), Layer.upsampling("up", 2), Layer.same("smooth", 3, 1, 1));
    assertThat(Field.bottomUp(layers))
        .containsExactly(
            new Field("pool", 2, 0.5, 2), new Field("up", 1, 0, 2), new Field("smooth", 1, 0, 4));
  }

  @Test
  void isAPixelWithoutLayers() {
    assertThat(Field.of(List.of())).isEqualTo(Field.PIXEL);
    assertThat(Field.topDown(List.of())).isEqualTo(1);
  }

  @Test
  void refusesLayersThatThereAreNot() {
    assertThatThrownBy(() -> Layer.of("none", 0, 1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("layer none cannot have kernel 0");
    assertThatThrownBy(() -> new Layer("both", 3, 1, 1, 1, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("layer both up-samples and looks at once");
  }

  private static Field named(List<Field> fields, String name) {
    return fields.stream().filter(field -> field.name().equals(name)).findFirst().orElseThrow();
  }
}
