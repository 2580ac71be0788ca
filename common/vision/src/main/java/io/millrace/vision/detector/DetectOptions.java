package io.millrace.vision.detector;

import io.millrace.vision.suppress.Suppression;
import io.millrace.vision.view.Viewing;

/**
 * What is wanted of a detector.
 *
 * @param minScore in [0, 1]; detections below are left out
 * @param max detections of a picture, at least 1
 * @param viewing how pictures are looked at
 * @param suppression which detections give way to others, those of one look and of several; {@link
 *     Detector#suppression} is what a detector usually does
 */
public record DetectOptions(double minScore, int max, Viewing viewing, Suppression suppression) {

  public DetectOptions {
    if (!(minScore >= 0 && minScore <= 1) || max < 1) {
      throw new IllegalArgumentException(
          "the lowest score must be in [0, 1] and at least 1 detection wanted: %s, %d"
              .formatted(minScore, max));
    }
  }
}
