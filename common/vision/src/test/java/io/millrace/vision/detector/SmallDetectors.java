package io.millrace.vision.detector;

import io.millrace.vision.box.SizeRange;
import io.millrace.vision.detector.head.CenterNetHead;
import io.millrace.vision.network.Backbone;
import io.millrace.vision.network.LayerStyle;
import io.millrace.vision.network.ResidualBackbone;
import io.millrace.vision.network.TopDownNeck;
import io.millrace.vision.network.TridentBackbone;
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
}
