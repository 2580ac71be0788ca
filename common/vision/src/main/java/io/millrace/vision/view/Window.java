package io.millrace.vision.view;

import io.millrace.vision.picture.Picture;
import io.millrace.vision.picture.Resampling;

/**
 * A rectangle of the picture at some scale, padded at the right and the bottom where the picture
 * ends.
 *
 * @param left first column of the picture that is seen
 * @param top first row of the picture that is seen
 * @param scale of what is shown to the picture's own pixels
 * @param width of what is shown, in pixels
 * @param height of what is shown, in pixels
 */
public record Window(int left, int top, double scale, int width, int height) implements View {

  public Window {
    if (left < 0 || top < 0 || width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "no window of %d x %d pixels at %d, %d".formatted(width, height, left, top));
    }
    if (!(scale > 0) || Double.isInfinite(scale)) {
      throw new IllegalArgumentException("cannot scale a window by " + scale);
    }
  }

  /** Pixels of the picture that fit into so many of what is shown, at least 1. */
  static int own(int shown, double scale) {
    // A size that is a quotient by the scale must come back as itself.
    return (int) Math.max(1, Math.floor(shown / scale + 1e-6));
  }

  /**
   * The rectangle as the network sees it.
   *
   * @throws IllegalArgumentException if it begins beyond the picture
   */
  @Override
  public Shown show(Picture picture) {
    Picture part =
        picture.part(
            left,
            top,
            Math.min(own(width, scale), picture.width() - left),
            Math.min(own(height, scale), picture.height() - top));
    return new Shown(
        Resampling.scale(part, scale, width, height),
        new Placement(scale, -scale * left, -scale * top, picture.width(), picture.height()));
  }
}
