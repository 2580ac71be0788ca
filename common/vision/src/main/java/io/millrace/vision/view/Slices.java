package io.millrace.vision.view;

import io.millrace.vision.box.SizeRange;
import io.millrace.vision.suppress.Overlap;
import io.millrace.vision.suppress.Suppression;
import java.util.ArrayList;
import java.util.List;

/**
 * Overlapping windows of a large picture, and the whole picture, so that small objects are seen
 * large and large ones whole (slicing aided inference, Akyon et al. 2022). A picture that fits into
 * one window is looked at once.
 *
 * @param size width of a window in the picture's own pixels; its height follows from the network's
 *     input
 * @param overlap share of a window that its neighbour shows too, at least; 0 to {@value
 *     #MAX_OVERLAP}
 */
public record Slices(int size, double overlap) implements Viewing {

  /** More would be looks at the same again and again. */
  public static final double MAX_OVERLAP = 0.9;

  public Slices {
    if (size < 1) {
      throw new IllegalArgumentException("a slice must be at least 1 pixel wide, it is " + size);
    }
    if (!(overlap >= 0 && overlap <= MAX_OVERLAP)) {
      throw new IllegalArgumentException(
          "an overlap must be 0 to %s, it is %s".formatted(MAX_OVERLAP, overlap));
    }
  }

  @Override
  public List<Look> looks(int pictureWidth, int pictureHeight, int inputWidth, int inputHeight) {
    List<Look> looks =
        new ArrayList<>(new Whole().looks(pictureWidth, pictureHeight, inputWidth, inputHeight));
    Grid grid = grid(inputWidth, inputHeight);
    if (grid.count(pictureWidth, pictureHeight) > 1) {
      grid.of(pictureWidth, pictureHeight)
          .forEach(window -> looks.add(new Look(window, SizeRange.ALL)));
    }
    return looks;
  }

  @Override
  public long count(int pictureWidth, int pictureHeight, int inputWidth, int inputHeight) {
    long windows = grid(inputWidth, inputHeight).count(pictureWidth, pictureHeight);
    return windows > 1 ? 1 + windows : 1;
  }

  private Grid grid(int inputWidth, int inputHeight) {
    return new Grid((double) inputWidth / size, overlap, inputWidth, inputHeight);
  }

  /** By the smaller area: what a window shows of an object lies within the whole object. */
  @Override
  public Suppression merging() {
    return new Suppression.Greedy(Overlap.SMALLER, 0.5, /* agnostic= */ false);
  }
}
