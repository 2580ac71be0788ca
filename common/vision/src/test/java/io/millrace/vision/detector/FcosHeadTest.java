package io.millrace.vision.detector;

import io.millrace.vision.detector.head.FcosHead;
import io.millrace.vision.detector.head.FcosHead.BoxLoss;
import io.millrace.vision.detector.head.Head;
import io.millrace.vision.network.Neck;
import io.millrace.vision.network.PyramidNeck;
import java.util.List;

class FcosHeadTest extends HeadContract {

  @Override
  Neck neck() {
    return new PyramidNeck(16, List.of(4, 8, 16), PyramidNeck.Extra.CONVOLUTION);
  }

  @Override
  Head head() {
    return new FcosHead(16, 1, List.of(8.0, 14.0), 1.5, BoxLoss.GIOU);
  }
}
