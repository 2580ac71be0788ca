package io.millrace.inference.detect;

import io.millrace.contracts.Tasks;
import io.millrace.inference.runtime.Kind;
import io.millrace.inference.runtime.ModelRuntime;
import io.millrace.vision.detector.Detector;
import io.millrace.vision.picture.Picture;

/**
 * A detector.
 *
 * @param detector for several pictures at a time
 */
record DetectionRuntime(Detector detector) implements ModelRuntime {

  /** Models that find objects. */
  static final Kind<DetectionRuntime> KIND = new Kind<>(Tasks.DETECTION, DetectionRuntime.class);

  @Override
  public void warmUp() {
    int width = detector.config().inputWidth();
    int height = detector.config().inputHeight();
    detector.detect(Picture.filled(width, height, 0, 0, 0), /* minScore= */ 0.5, /* max= */ 1);
  }

  @Override
  public void close() {
    detector.close();
  }
}
