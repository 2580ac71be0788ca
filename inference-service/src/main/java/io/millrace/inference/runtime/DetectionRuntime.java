package io.millrace.inference.runtime;

import io.millrace.vision.detector.Detector;
import io.millrace.vision.picture.Picture;

/**
 * A detector.
 *
 * @param detector for several pictures at a time
 */
public record DetectionRuntime(Detector detector) implements ModelRuntime {

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
