package io.millrace.vision.detector.match;

import io.millrace.vision.network.Limits;
import java.util.List;

/**
 * Anchors of one size.
 *
 * @param size root of their area in pixels of the input
 * @param ratios of height to width, an anchor each
 * @param density how many of each there are in a row and in a column of a cell, evenly spread: 1
 *     puts one in the middle, 4 makes 16 of it (FaceBoxes, Zhang et al. 2017, arXiv 1708.05234,
 *     section 3.3)
 */
public record AnchorShape(double size, List<Double> ratios, int density) {

  private static final int MAX_DENSITY = 16;
  private static final double MAX_SIZE = 1 << 16;

  public AnchorShape {
    ratios = List.copyOf(ratios);
    Limits.require(size > 0 && size <= MAX_SIZE, "an anchor cannot have a size of %s", size);
    Limits.require(!ratios.isEmpty(), "an anchor of size %s has no ratio of its sides", size);
    for (double ratio : ratios) {
      Limits.require(
          ratio >= 0.01 && ratio <= 100, "sides of an anchor cannot have the ratio %s", ratio);
    }
    Limits.require(
        density >= 1 && density <= MAX_DENSITY,
        "a density of anchors of %s is not 1 to %s",
        density,
        MAX_DENSITY);
  }

  /** One anchor, square, in the middle of a cell. */
  public static AnchorShape square(double size) {
    return new AnchorShape(size, List.of(1.0), 1);
  }

  /** The same, more densely. */
  public AnchorShape dense(int times) {
    return new AnchorShape(size, ratios, times);
  }

  /** Anchors in a cell. */
  int count() {
    return ratios.size() * density * density;
  }
}
