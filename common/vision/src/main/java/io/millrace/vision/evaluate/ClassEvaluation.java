package io.millrace.vision.evaluate;

import java.util.List;

/**
 * How good the detections of a class are.
 *
 * @param name of the class
 * @param objects truths that should be found
 * @param detections of any score
 * @param coco COCO's figures
 * @param voc VOC's figures
 * @param precision at IoU .50 and recalls 0, 0.01, ... 1, to four digits; empty without objects
 * @param confidence curves over the score; empty without objects
 */
public record ClassEvaluation(
    String name,
    long objects,
    long detections,
    CocoResult coco,
    VocResult voc,
    List<Double> precision,
    ConfidenceCurves confidence) {

  public ClassEvaluation {
    precision = List.copyOf(precision);
  }
}
