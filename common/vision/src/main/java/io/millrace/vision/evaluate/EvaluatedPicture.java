package io.millrace.vision.evaluate;

import io.millrace.vision.box.Detection;
import io.millrace.vision.box.LabelledBox;
import java.util.Comparator;
import java.util.List;

/**
 * What is true of a picture and what was detected in it, in the same pixels.
 *
 * @param truth its boxes
 * @param detections of any order
 */
public record EvaluatedPicture(List<LabelledBox> truth, List<Detection> detections) {

  public EvaluatedPicture {
    truth = List.copyOf(truth);
    detections = List.copyOf(detections);
  }

  /** The boxes of a class, in their order. */
  List<LabelledBox> truthOf(int classIndex) {
    return truth.stream().filter(box -> box.classIndex() == classIndex).toList();
  }

  /** The detections of a class, the best first; of equal scores the earlier one. */
  List<Detection> detectionsOf(int classIndex) {
    return ranked().stream().filter(found -> found.classIndex() == classIndex).toList();
  }

  /** All detections, the best first; of equal scores the earlier one. */
  List<Detection> ranked() {
    return detections.stream().sorted(Comparator.comparingDouble(found -> -found.score())).toList();
  }
}
