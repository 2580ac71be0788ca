package io.millrace.vision.evaluate;

import java.util.List;

/**
 * All that is said of a detector's detections, in one piece.
 *
 * @param pictures looked at
 * @param objects truths that should be found
 * @param crowds truths that need not be found: COCO's crowds, VOC's difficult objects
 * @param detections of any score
 * @param coco COCO's figures
 * @param voc VOC's figures
 * @param precision at IoU .50 and recalls 0, 0.01, ... 1, mean over classes, to four digits
 * @param confidence curves over the score, means over classes
 * @param confusion at the score with the best F1
 * @param errors by kind, and what they cost
 * @param classes in the order of the class names
 */
public record Evaluation(
    long pictures,
    long objects,
    long crowds,
    long detections,
    CocoResult coco,
    VocResult voc,
    List<Double> precision,
    ConfidenceCurves confidence,
    ConfusionMatrix confusion,
    ErrorAnalysis errors,
    List<ClassEvaluation> classes) {

  public Evaluation {
    precision = List.copyOf(precision);
    classes = List.copyOf(classes);
  }

  /** The names of the classes. */
  List<String> classNames() {
    return classes.stream().map(ClassEvaluation::name).toList();
  }
}
