package io.millrace.vision.detector;

import io.millrace.vision.detector.head.CenterNetHead;
import io.millrace.vision.network.LayerStyle;
import io.millrace.vision.network.ResidualBackbone;
import io.millrace.vision.network.TopDownNeck;
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
}
