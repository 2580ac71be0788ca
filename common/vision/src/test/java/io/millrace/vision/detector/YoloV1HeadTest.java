package io.millrace.vision.detector;

import io.millrace.vision.detector.head.Head;
import io.millrace.vision.detector.head.YoloV1Head;
import io.millrace.vision.network.Neck;
import io.millrace.vision.network.NoNeck;
import java.util.List;

class YoloV1HeadTest extends HeadContract {

  @Override
  Neck neck() {
    return new NoNeck(List.of(8));
  }

  @Override
  Head head() {
    return new YoloV1Head(2, 24, 1, 64, 0.1, /* rescore= */ true, 5, 0.5);
  }

  /** The overlap that a confidence learns is taken for a constant, as in Darknet. */
  @Override
  Head differentiable() {
    return new YoloV1Head(2, 8, 1, 12, 0, /* rescore= */ false, 5, 0.5);
  }

  @Override
  int steps() {
    return 200;
  }
}
