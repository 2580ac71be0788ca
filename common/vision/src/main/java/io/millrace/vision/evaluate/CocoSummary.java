package io.millrace.vision.evaluate;

import java.util.List;

/**
 * COCO's figures over all classes and of each.
 *
 * @param all means over the classes that occur in the truth
 * @param classes in the order of the class names
 */
public record CocoSummary(CocoResult all, List<CocoResult> classes) {

  public CocoSummary {
    classes = List.copyOf(classes);
  }
}
