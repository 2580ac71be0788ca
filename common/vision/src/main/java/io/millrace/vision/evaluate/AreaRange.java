package io.millrace.vision.evaluate;

import io.millrace.vision.box.LabelledBox;

/**
 * COCO's sizes of objects; both ends belong to a range, so a box of 32 x 32 is small and medium.
 */
enum AreaRange {
  ALL(0, 1e10),
  SMALL(0, 32 * 32),
  MEDIUM(32 * 32, 96 * 96),
  LARGE(96 * 96, 1e10);

  private final double least;
  private final double most;

  AreaRange(double least, double most) {
    this.least = least;
    this.most = most;
  }

  /** Whether square pixels are in the range. */
  boolean has(double area) {
    return area >= least && area <= most;
  }

  /** Whether a truth need not be found: a crowd, or one of another size. */
  boolean ignores(LabelledBox truth) {
    return truth.crowd() || !has(truth.area());
  }
}
