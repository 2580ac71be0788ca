package io.millrace.vision.detector.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.detector.DetectorPresets;
import io.millrace.vision.detector.SmallDetectors;
import io.millrace.vision.detector.match.AnchorShape;
import io.millrace.vision.detector.match.CellAnchors;
import io.millrace.vision.detector.match.Matching;
import io.millrace.vision.network.Neck;
import io.millrace.vision.network.NoNeck;
import io.millrace.vision.network.PyramidNeck;
import io.millrace.vision.suppress.Overlap;
import io.millrace.vision.suppress.Suppression;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a two-stage head can be composed with, and what it refuses. */
class TwoStageHeadTest {

  private static final DetectorConfig CONFIG =
      SmallDetectors.twoStage(List.of("a", "b"), 64, 64, 8, /* agnostic= */ false);

  private static DetectorConfig with(Neck neck, Head head) {
    return new DetectorConfig(
        CONFIG.architecture(),
        CONFIG.classes(),
        CONFIG.inputWidth(),
        CONFIG.inputHeight(),
        CONFIG.layers(),
        CONFIG.backbone(),
        neck,
        head);
  }

  private static ProposalStage anchors(CellAnchors... cells) {
    return ProposalStage.published(8, List.of(cells));
  }

  private static BoxStage reading(int maps) {
    return new BoxStage(
        new ConnectedLayers(16), new RoiAlign(3, 2, true), maps, 32, 0.5, 32, 0.5, true, false);
  }

  @Test
  void worksOnOneMapAndOnMapsOfABackboneOfOneWidth() {
    TwoStageHead one = new TwoStageHead(anchors(CellAnchors.square(16)), reading(1), 0.5);
    assertThat(with(new NoNeck(List.of(8)), one).head()).isEqualTo(one);
    TwoStageHead two =
        new TwoStageHead(anchors(CellAnchors.square(8), CellAnchors.square(16)), reading(2), 0.5);
    assertThat(with(new NoNeck(List.of(4, 8)), two).head()).isEqualTo(two);
  }

  @Test
  void refusesMapsThatItHasNoAnchorsFor() {
    TwoStageHead two =
        new TwoStageHead(anchors(CellAnchors.square(8), CellAnchors.square(16)), reading(1), 0.5);
    PyramidNeck three = new PyramidNeck(8, List.of(4, 8, 16), PyramidNeck.Extra.POOLING);
    assertThatThrownBy(() -> with(three, two))
        .hasMessageContaining("anchors of 2 maps, the neck gives 3");
    TwoStageHead many = new TwoStageHead(anchors(CellAnchors.square(16)), reading(2), 0.5);
    assertThatThrownBy(() -> with(new NoNeck(List.of(8)), many))
        .hasMessageContaining("regions from 2 maps, the neck gives 1");
  }

  @Test
  void refusesMapsOfSeveralWidths() {
    DetectorConfig nano = DetectorPresets.of("faster-rcnn-nano");
    assertThatThrownBy(() ->
            new DetectorConfig(
                nano.architecture(),
                nano.classes(),
                nano.inputWidth(),
                nano.inputHeight(),
                nano.layers(),
                nano.backbone(),
                new NoNeck(List.of(4, 8, 16, 32)),
                nano.head()))
        .hasMessageContaining("one network for all maps, but these have 32 and 64 channels");
  }

  @Test
  void refusesNumbersThatMeanNothing() {
    CellAnchors square = CellAnchors.square(16);
    CellAnchors two = new CellAnchors(List.of(new AnchorShape(16, List.of(1.0, 2.0), 1)));
    assertThatThrownBy(() -> anchors()).hasMessageContaining("anchors is empty");
    assertThatThrownBy(() -> anchors(square, two)).hasMessageContaining("1 and 2 anchors");
    Matching matching = new Matching(0.7, 0.3, Matching.Leftover.BEST);
    assertThatThrownBy(
            () -> new ProposalStage(8, List.of(square), matching, 0, 0.5, 0.7, 10, 10, 10, 10))
        .hasMessageContaining("0 anchors");
    assertThatThrownBy(
            () -> new ProposalStage(8, List.of(square), matching, 64, 1.5, 0.7, 10, 10, 10, 10))
        .hasMessageContaining("share of 1.5");
    assertThatThrownBy(
            () -> new ProposalStage(8, List.of(square), matching, 64, 0.5, 0.7, 10, 0, 10, 10))
        .hasMessageContaining("0 is no number of proposals");
    assertThatThrownBy(() -> reading(0)).hasMessageContaining("0 maps");
    assertThatThrownBy(() ->
            new BoxStage(
                new ConnectedLayers(16), new RoiAlign(3, 2, true), 1, 0, 0.5, 32, 0.5, true, false))
        .hasMessageContaining("a size of 0.0 pixels");
    assertThatThrownBy(() -> new TwoStageHead(anchors(square), reading(1), 1.1))
        .hasMessageContaining("1.1");
  }

  @Test
  void suppressesByClassAndNamesItsLosses() {
    Head head = CONFIG.head();
    assertThat(head.suppression())
        .isEqualTo(new Suppression.Greedy(Overlap.UNION, 0.5, /* agnostic= */ false));
    assertThat(head.losses())
        .containsExactly("rpn_objectness_loss", "rpn_box_loss", "class_loss", "box_loss");
    assertThat(
            Stream.of("faster-rcnn-r50-fpn", "trident-r50")
                .map(name -> DetectorPresets.of(name).head().losses()))
        .allMatch(head.losses()::equals);
  }
}
