package io.millrace.vision.view;

import java.util.ArrayList;
import java.util.List;

/**
 * Windows of one size that cover a picture; the last ones of a row and of a column end where the
 * picture does, so that none shows padding that it need not.
 *
 * @param scale of what is shown to the picture's own pixels
 * @param overlap share of a window that its neighbour shows too, at least
 * @param width of what each window shows, in pixels
 * @param height of what each window shows, in pixels
 */
record Grid(double scale, double overlap, int width, int height) {

  Grid {
    if (!(overlap >= 0 && overlap <= Slices.MAX_OVERLAP)) {
      throw new IllegalArgumentException(
          "an overlap must be 0 to %s, it is %s".formatted(Slices.MAX_OVERLAP, overlap));
    }
  }

  List<View> of(int pictureWidth, int pictureHeight) {
    List<View> windows = new ArrayList<>();
    for (int top : starts(pictureHeight, Window.own(height, scale))) {
      for (int left : starts(pictureWidth, Window.own(width, scale))) {
        windows.add(new Window(left, top, scale, width, height));
      }
    }
    return windows;
  }

  long count(int pictureWidth, int pictureHeight) {
    return count(pictureWidth, Window.own(width, scale), overlap)
        * count(pictureHeight, Window.own(height, scale), overlap);
  }

  private List<Integer> starts(int length, int window) {
    List<Integer> starts = new ArrayList<>();
    long count = count(length, window, overlap);
    for (int i = 0; i < count; i++) {
      starts.add(i == count - 1 ? Math.max(0, length - window) : i * step(window, overlap));
    }
    return starts;
  }

  private static long count(int length, int window, double overlap) {
    return 1 + Math.ceilDiv(Math.max(0, length - window), step(window, overlap));
  }

  private static int step(int window, double overlap) {
    return (int) Math.max(1, Math.floor(window * (1 - overlap) + 1e-6));
  }
}
