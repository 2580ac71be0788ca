package io.millrace.vision.evaluate;

import io.millrace.vision.box.Box;
import io.millrace.vision.box.Detection;
import io.millrace.vision.box.LabelledBox;
import java.util.List;

/** How far detections and truths cover each other. */
final class Overlaps {

  private Overlaps() {}

  /** By detection and truth: IoU; with a crowd the share of the detection that lies in it. */
  static double[][] of(List<Detection> detections, List<LabelledBox> truth) {
    double[][] overlaps = new double[detections.size()][truth.size()];
    for (int d = 0; d < overlaps.length; d++) {
      Box box = detections.get(d).box();
      for (int g = 0; g < truth.size(); g++) {
        LabelledBox other = truth.get(g);
        overlaps[d][g] = other.crowd() ? shareIn(box, other.box()) : box.iou(other.box());
      }
    }
    return overlaps;
  }

  /** The share of a box that lies in another; 0 for an empty box. */
  static double shareIn(Box box, Box other) {
    double area = box.area();
    return area > 0 ? box.intersection(other) / area : 0;
  }
}
