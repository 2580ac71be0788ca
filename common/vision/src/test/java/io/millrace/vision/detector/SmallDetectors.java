package io.millrace.vision.detector;

import io.millrace.tensor.activation.Activation;
import io.millrace.vision.box.SizeRange;
import io.millrace.vision.detector.head.BoxStage;
import io.millrace.vision.detector.head.CenterNetHead;
import io.millrace.vision.detector.head.ConnectedLayers;
import io.millrace.vision.detector.head.MtcnnHead;
import io.millrace.vision.detector.head.ProposalStage;
import io.millrace.vision.detector.head.RoiAlign;
import io.millrace.vision.detector.head.TwoStageHead;
import io.millrace.vision.detector.match.AnchorShape;
import io.millrace.vision.detector.match.CellAnchors;
import io.millrace.vision.detector.match.Matching;
import io.millrace.vision.network.Backbone;
import io.millrace.vision.network.LayerStyle;
import io.millrace.vision.network.Neck;
import io.millrace.vision.network.NoNeck;
import io.millrace.vision.network.Norm;
import io.millrace.vision.network.PixelBackbone;
import io.millrace.vision.network.PyramidNeck;
import io.millrace.vision.network.ResidualBackbone;
import io.millrace.vision.network.TopDownNeck;
import io.millrace.vision.network.TridentBackbone;
import java.util.ArrayList;
import java.util.List;

/** Detectors that are small enough for tests. */
public final class SmallDetectors {

  private SmallDetectors() {}

  /** A residual network with a top-down path and the head of CenterNet. */
  public static DetectorConfig centerNet(
      List<String> classes,
      int width,
      int height,
      List<Integer> widths,
      List<Integer> blocks,
      int neckWidth,
      int headWidth,
      int groupSize) {
    return new DetectorConfig(
        DetectorConfig.ARCHITECTURE,
        classes,
        width,
        height,
        LayerStyle.groups(groupSize),
        new ResidualBackbone(widths, blocks),
        new TopDownNeck(neckWidth),
        CenterNetHead.published(headWidth));
  }

  /** The same with branches of dilations 1, 2, 3, of the same weights. */
  public static DetectorConfig trident(DetectorConfig plain, int stage, List<SizeRange> ranges) {
    TridentBackbone trident =
        new TridentBackbone(
            (ResidualBackbone) plain.backbone(),
            stage,
            List.of(1, 2, 3),
            /* shared= */ true,
            ranges,
            /* fast= */ false);
    return withBackbone(plain, trident);
  }

  /** The same with another backbone. */
  public static DetectorConfig withBackbone(DetectorConfig plain, Backbone other) {
    return new DetectorConfig(
        plain.architecture(),
        plain.classes(),
        plain.inputWidth(),
        plain.inputHeight(),
        plain.layers(),
        other,
        plain.neck(),
        plain.head());
  }

  /** The same with another neck. */
  public static DetectorConfig withNeck(DetectorConfig plain, Neck other) {
    return new DetectorConfig(
        plain.architecture(),
        plain.classes(),
        plain.inputWidth(),
        plain.inputHeight(),
        plain.layers(),
        plain.backbone(),
        other,
        plain.head());
  }

  /** A two-stage detector on a pyramid of strides 4, 8 and 16, for objects of 6 to 40 pixels. */
  public static DetectorConfig twoStage(
      List<String> classes, int width, int height, int channels, boolean agnostic) {
    List<CellAnchors> anchors = new ArrayList<>();
    for (double size : new double[] {8, 16, 32}) {
      anchors.add(new CellAnchors(List.of(new AnchorShape(size, List.of(0.5, 1.0, 2.0), 1))));
    }
    Matching matching = new Matching(0.7, 0.3, Matching.Leftover.BEST);
    return new DetectorConfig(
        DetectorConfig.ARCHITECTURE,
        classes,
        width,
        height,
        LayerStyle.groups(channels / 2),
        new ResidualBackbone(List.of(channels, channels, channels), List.of(1, 1)),
        new PyramidNeck(channels, List.of(4, 8, 16), PyramidNeck.Extra.POOLING),
        new TwoStageHead(
            new ProposalStage(channels, anchors, matching, 64, 0.5, 0.7, 100, 60, 100, 60),
            new BoxStage(
                new ConnectedLayers(4 * channels),
                new RoiAlign(3, 2, true),
                2,
                32,
                0.5,
                32,
                0.5,
                true,
                agnostic),
            0.5));
  }

  /** The same whose layers have another style. */
  public static DetectorConfig withLayers(DetectorConfig plain, LayerStyle style) {
    return new DetectorConfig(
        plain.architecture(),
        plain.classes(),
        plain.inputWidth(),
        plain.inputHeight(),
        style,
        plain.backbone(),
        plain.neck(),
        plain.head());
  }

  /** MTCNN for objects of 16 pixels and more, which learns from so many crops of a picture. */
  public static DetectorConfig mtcnn(int side, int crops) {
    return mtcnn(side, crops, /* chained= */ false);
  }

  /** The same whose networks may learn from what the one before finds. */
  public static DetectorConfig mtcnn(int side, int crops, boolean chained) {
    return new DetectorConfig(
        DetectorConfig.ARCHITECTURE,
        List.of("object"),
        side,
        side,
        new LayerStyle(Activation.PRELU, Norm.NONE, 1, /* bias= */ true),
        new PixelBackbone(),
        new NoNeck(List.of(1)),
        new MtcnnHead(16, 0.709, 0.3, 0.3, 0.3, 200, 100, crops, 0.7, 0.5, chained));
  }
}
