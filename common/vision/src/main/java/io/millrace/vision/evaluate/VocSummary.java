package io.millrace.vision.evaluate;

import java.util.List;

/**
 * VOC's figures over all classes and of each.
 *
 * @param all means over the classes that occur in the truth
 * @param classes in the order of the class names
 */
record VocSummary(VocResult all, List<VocResult> classes) {

  VocSummary {
    classes = List.copyOf(classes);
  }
}
