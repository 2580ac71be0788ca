package io.millrace.vision.detector;

import io.millrace.vision.detector.head.AnchorHead;
import io.millrace.vision.detector.head.AnchorHead.ClassLoss;
import io.millrace.vision.detector.head.Head;
import io.millrace.vision.detector.match.AnchorShape;
import io.millrace.vision.detector.match.CellAnchors;
import io.millrace.vision.detector.match.Matching;
import io.millrace.vision.detector.match.Matching.Leftover;
import io.millrace.vision.network.Neck;
import io.millrace.vision.network.PyramidNeck;
import java.util.List;

/** As in RetinaNet. */
class FocalAnchorHeadTest extends HeadContract {

  @Override
  Neck neck() {
    return new PyramidNeck(16, List.of(4, 8), PyramidNeck.Extra.CONVOLUTION);
  }

  @Override
  Head head() {
    return new AnchorHead(
        16,
        1,
        /* shared= */ true,
        List.of(ratios(10), ratios(20)),
        new Matching(0.5, 0.4, Leftover.BEST),
        ClassLoss.FOCAL,
        3,
        1,
        1,
        1,
        1);
  }

  private static CellAnchors ratios(double size) {
    return new CellAnchors(List.of(new AnchorShape(size, List.of(0.5, 1.0, 2.0), 1)));
  }
}
