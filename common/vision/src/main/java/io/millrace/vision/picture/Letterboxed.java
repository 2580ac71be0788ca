package io.millrace.vision.picture;

import io.millrace.vision.box.Box;

/**
 * A picture brought to a fixed size.
 *
 * @param picture the scaled picture in the top left corner, grey to the right of it and below
 * @param scale by which the original was scaled
 * @param originalWidth pixels
 * @param originalHeight pixels
 */
public record Letterboxed(Picture picture, double scale, int originalWidth, int originalHeight) {

  /** From pixels of the original to pixels of {@link #picture()}. */
  public Box fromOriginal(Box box) {
    return box.transform(scale, 0, 0);
  }

  /** From pixels of {@link #picture()} to pixels of the original, clipped to it. */
  public Box toOriginal(Box box) {
    return box.transform(1 / scale, 0, 0).clip(originalWidth, originalHeight);
  }
}
