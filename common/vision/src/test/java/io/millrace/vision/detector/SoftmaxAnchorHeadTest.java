package io.millrace.vision.detector;

import io.millrace.vision.detector.head.AnchorHead;
import io.millrace.vision.detector.head.AnchorHead.ClassLoss;
import io.millrace.vision.detector.head.Head;
import io.millrace.vision.detector.match.AnchorShape;
import io.millrace.vision.detector.match.CellAnchors;
import io.millrace.vision.detector.match.Matching;
import io.millrace.vision.detector.match.Matching.Leftover;
import io.millrace.vision.network.Neck;
import io.millrace.vision.network.NoNeck;
import java.util.List;

/** As in SSD, with S3FD's matching and its scores of the background, and FaceBoxes' density. */
class SoftmaxAnchorHeadTest extends HeadContract {

  @Override
  Neck neck() {
    return new NoNeck(List.of(4, 8));
  }

  @Override
  Head head() {
    return new AnchorHead(
        16,
        1,
        /* shared= */ false,
        List.of(CellAnchors.square(12), new CellAnchors(List.of(AnchorShape.square(24).dense(2)))),
        new Matching(0.35, 0.35, Leftover.COMPENSATED),
        ClassLoss.SOFTMAX,
        3,
        3,
        1,
        0.1,
        0.2);
  }
}
