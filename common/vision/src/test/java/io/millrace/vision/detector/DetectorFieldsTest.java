package io.millrace.vision.detector;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.vision.box.SizeRange;
import io.millrace.vision.detector.head.CenterNetHead;
import io.millrace.vision.detector.head.FcosHead;
import io.millrace.vision.detector.head.Head;
import io.millrace.vision.detector.head.MtcnnHead;
import io.millrace.vision.network.Backbone;
import io.millrace.vision.network.Neck;
import io.millrace.vision.network.NoNeck;
import io.millrace.vision.network.PyramidNeck;
import io.millrace.vision.network.ResNetBackbone;
import io.millrace.vision.network.TopDownNeck;
import io.millrace.vision.network.TridentBackbone;
import io.millrace.vision.network.VggBackbone;
import io.millrace.vision.receptive.Field;
import io.millrace.vision.receptive.Layer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class DetectorFieldsTest {

  @ParameterizedTest
  @CsvSource({
    "50, false, 427",
    "50, true, 483",
    "101, false, 971",
    "101, true, 1027",
    "152, false, 1451",
    "152, true, 1507"
  })
  void readsTheFieldOfAResNetFromItsLayers(int depth, boolean strideIn1x1, int size) {
    assertThat(last(new ResNetBackbone(depth, strideIn1x1, 4), 0).size()).isEqualTo(size);
  }

  @ParameterizedTest
  @CsvSource({"50, 267, 427, 587", "101, 811, 1515, 2219"})
  void readsThoseOfTridentsBranches(int depth, int first, int second, int third) {
    TridentBackbone trident =
        new TridentBackbone(
            new ResNetBackbone(depth, /* strideIn1x1= */ false, 3),
            3,
            List.of(1, 2, 3),
            /* shared= */ true,
            List.of(),
            /* fast= */ false);
    assertThat(Stream.of(0, 1, 2).map(branch -> last(trident, branch).size()))
        .containsExactly((double) first, (double) second, (double) third);
  }

  @Test
  void readsThoseOfS3fd() {
    VggBackbone backbone = new VggBackbone(6, /* l2Norm= */ true);
    List<Double> sizes =
        Stream.of(1, 2, 3, 4, 5, 6)
            .map(maps -> {
              List<Layer> layers =
                  Stream.concat(
                          backbone.layers(0).subList(0, maps).stream().flatMap(List::stream),
                          Stream.of(Layer.same("head", 3, 1, 1)))
                      .toList();
              return Field.of(layers).size();
            })
            .toList();
    assertThat(sizes).containsExactly(48.0, 108.0, 228.0, 340.0, 468.0, 724.0);
  }

  static Stream<String> presets() {
    return DetectorPresets.NAMES.stream();
  }

  @ParameterizedTest
  @MethodSource("presets")
  void knowsEveryPreset(String preset) {
    DetectorConfig config = DetectorPresets.of(preset);
    DetectorFields fields = DetectorFields.of(config);
    int maps = config.neck().levels(config.backbone().levels()).size();
    int branches = config.backbone().branches().detecting().size();
    assertThat(fields.maps()).hasSize(maps * branches);
    for (MapField map : fields.maps()) {
      // P-Net halves the pixels itself.
      if (!preset.startsWith("mtcnn")) {
        assertThat(map.field().jump()).isEqualTo(map.stride());
      }
      assertThat(map.field().size()).isGreaterThanOrEqualTo(map.stride());
    }
  }

  @Test
  void seesWhatPNetSees() {
    Field field = Field.of(MtcnnHead.published().layers());
    assertThat(field.size()).isEqualTo(12);
    assertThat(field.jump()).isEqualTo(2);
    assertThat(field.start()).isEqualTo(5.5);
  }

  @Test
  void takesTheWayThroughTheCoarsestMap() {
    // 35 pixels at stride 4, 91 at 8, 267 at 16, 427 at 32; then up by 8 and 3 x 3 at stride 4.
    ResNetBackbone backbone = new ResNetBackbone(50, /* strideIn1x1= */ false, 4);
    MapField map =
        DetectorFields.of(config(backbone, new TopDownNeck(64), CenterNetHead.published(64)))
            .maps()
            .getFirst();
    assertThat(map.field().jump()).isEqualTo(4);
    // The smoothing and the head's own 3 x 3.
    assertThat(map.field().size()).isEqualTo(427 + 2 * 4 + 2 * 4);
  }

  @Test
  void notesObjectsThatAreLargerThanTheField() {
    ResNetBackbone backbone = new ResNetBackbone(18, /* strideIn1x1= */ false, 2);
    DetectorFields fields =
        DetectorFields.of(config(backbone, new NoNeck(List.of(8)), CenterNetHead.published(64)));
    assertThat(fields.advice())
        .containsExactly(
            "the map of stride 8, branch 0, is for objects up to 512 pixels but sees only 115:"
                + " larger ones are guessed from a part");
  }

  @Test
  void spreadsSizesOverMaps() {
    PyramidNeck neck = new PyramidNeck(64, List.of(8, 16, 32), PyramidNeck.Extra.CONVOLUTION);
    FcosHead head = new FcosHead(64, 2, List.of(32.0, 64.0), 1.5, FcosHead.BoxLoss.GIOU);
    DetectorFields fields = DetectorFields.of(config(new ResNetBackbone(50, false, 4), neck, head));
    assertThat(fields.maps())
        .extracting(MapField::sizes)
        .containsExactly(
            new SizeRange(0, 64),
            new SizeRange(32, 128),
            new SizeRange(64, Double.POSITIVE_INFINITY));
    assertThat(fields.advice()).isEmpty();
  }

  private static DetectorConfig config(Backbone backbone, Neck neck, Head head) {
    DetectorConfig nano = DetectorPresets.of("nano");
    return new DetectorConfig(
        DetectorConfig.ARCHITECTURE, List.of("a"), 512, 512, nano.layers(), backbone, neck, head);
  }

  private static Field last(Backbone backbone, int branch) {
    return Field.of(backbone.layers(branch).stream().flatMap(List::stream).toList());
  }
}
