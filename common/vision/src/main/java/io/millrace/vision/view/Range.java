package io.millrace.vision.view;

import io.millrace.vision.box.Box;

/**
 * Sizes of objects that a look at a picture is good for: SNIP's valid ranges (Singh and Davis 2018,
 * section 5) and those of TridentNet's branches (Li et al. 2019, section 3.3).
 *
 * @param min smallest square root of a box's area, in the picture's own pixels
 * @param max largest one; infinite: no limit
 */
public record Range(double min, double max) {

  /** All sizes. */
  public static final Range ALL = new Range(0, Double.POSITIVE_INFINITY);

  public Range {
    if (!(min >= 0 && min <= max) || Double.isInfinite(min)) {
      throw new IllegalArgumentException("not a range of sizes: " + min + " to " + max);
    }
  }

  /**
   * Whether a box is of such a size; both ends are.
   *
   * @param box in the picture's own pixels
   */
  public boolean contains(Box box) {
    double area = box.area();
    return area >= min * min && area <= max * max;
  }
}
