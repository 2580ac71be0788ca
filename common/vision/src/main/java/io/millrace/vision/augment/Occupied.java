package io.millrace.vision.augment;

import io.millrace.vision.box.Box;
import java.util.BitSet;

/**
 * The pixels that boxes cover at least a part of, so that places among thousands are found fast.
 */
final class Occupied {

  private final int width;
  private final int height;
  private final BitSet pixels;

  /** None yet, of a picture of that size. */
  Occupied(int width, int height) {
    this.width = width;
    this.height = height;
    this.pixels = new BitSet(width * height);
  }

  /** Adds what a box covers within the picture; a box without an area covers nothing. */
  void add(Box box) {
    if (!(box.area() > 0)) {
      return;
    }
    int left = (int) Math.clamp(Math.floor(box.x()), 0, width);
    int right = (int) Math.clamp(Math.ceil(box.right()), 0, width);
    int bottom = (int) Math.clamp(Math.ceil(box.bottom()), 0, height);
    for (int y = (int) Math.clamp(Math.floor(box.y()), 0, height); y < bottom; y++) {
      pixels.set(y * width + left, y * width + Math.max(left, right));
    }
  }

  /** Whether no box covers a part of these pixels, which are within the picture. */
  boolean isFree(int left, int top, int columns, int rows) {
    for (int y = top; y < top + rows; y++) {
      int covered = pixels.nextSetBit(y * width + left);
      if (covered >= 0 && covered < y * width + left + columns) {
        return false;
      }
    }
    return true;
  }
}
