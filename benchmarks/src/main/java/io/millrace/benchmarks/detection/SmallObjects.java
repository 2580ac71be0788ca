package io.millrace.benchmarks.detection;

import io.millrace.vision.augment.BatchChange;
import io.millrace.vision.augment.CopyPaste;
import io.millrace.vision.augment.Oversampling;
import io.millrace.vision.augment.RandomScale;
import io.millrace.vision.view.Pyramid;
import io.millrace.vision.view.Slices;
import io.millrace.vision.view.Viewing;
import io.millrace.vision.view.Whole;
import java.util.ArrayList;
import java.util.List;

/**
 * What is done for objects that are small, or of very different sizes.
 *
 * @param small largest size of a small object, the root of its area in the picture's own pixels
 * @param large smallest size of a large one
 * @param oversample how often pictures with small objects are shown, against others
 * @param copyPaste copies of each small object
 * @param scales of training pictures, with the sizes that each is for; empty: one scale
 * @param slices width of the windows that are looked at beside the whole picture; 0: none
 * @param pyramid scales at which pictures are looked at, with sizes; empty: the whole picture alone
 */
record SmallObjects(
    double small,
    double large,
    double oversample,
    int copyPaste,
    String scales,
    int slices,
    String pyramid) {

  private static final double OVERLAP = 0.25;

  SmallObjects {
    if (!(small > 0) || !(large >= small)) {
      throw new IllegalArgumentException(
          "small and large objects have sizes above 0, they are up to %s and from %s"
              .formatted(small, large));
    }
    if (slices > 0 && !pyramid.isEmpty()) {
      throw new IllegalArgumentException("pictures are looked at in slices or in a pyramid");
    }
  }

  /** The changes of batches, see the trainer's options of the same names. */
  List<BatchChange> changes(double minVisible) {
    List<BatchChange> changes = new ArrayList<>();
    if (oversample > 1) {
      changes.add(new Oversampling(oversample, small));
    }
    if (copyPaste > 0) {
      changes.add(new CopyPaste(copyPaste, small));
    }
    if (!scales.isEmpty()) {
      changes.add(new RandomScale(Pyramid.parse(scales), minVisible));
    }
    return changes;
  }

  /** How pictures are looked at. */
  Viewing viewing() {
    if (slices > 0) {
      return new Slices(slices, OVERLAP);
    }
    return pyramid.isEmpty() ? new Whole() : Pyramid.parse(pyramid);
  }
}
