package io.millrace.vision.picture;

import io.millrace.vision.box.Box;

/**
 * How the stored pixels are turned to what a person sees: EXIF 2.32, tag 0x0112.
 *
 * <p>Rows and columns are exchanged first, then the picture is mirrored left to right, then top to
 * bottom.
 */
public enum Orientation {
  /** EXIF 1, or none: stored as it is seen. */
  UPRIGHT(false, false, false),
  /** EXIF 2. */
  MIRRORED(false, true, false),
  /** EXIF 3. */
  HALF_TURN(false, true, true),
  /** EXIF 4. */
  UPSIDE_DOWN_MIRRORED(false, false, true),
  /** EXIF 5. */
  TRANSPOSED(true, false, false),
  /** EXIF 6: seen after a quarter turn clockwise. */
  QUARTER_TURN(true, true, false),
  /** EXIF 7. */
  TRANSVERSED(true, true, true),
  /** EXIF 8: seen after a quarter turn counterclockwise. */
  THREE_QUARTER_TURN(true, false, true);

  private final boolean swapsSides;
  private final boolean flipsX;
  private final boolean flipsY;

  Orientation(boolean swapsSides, boolean flipsX, boolean flipsY) {
    this.swapsSides = swapsSides;
    this.flipsX = flipsX;
    this.flipsY = flipsY;
  }

  /** The orientation of an EXIF value; values that EXIF does not know count as upright. */
  static Orientation ofExif(int value) {
    return value >= 1 && value <= values().length ? values()[value - 1] : UPRIGHT;
  }

  /** EXIF's value, 1 to 8. */
  public int exif() {
    return ordinal() + 1;
  }

  /** Whether what is stored as a row is seen as a column. */
  public boolean swapsSides() {
    return swapsSides;
  }

  /** The picture as it is seen; the same one if it is upright. */
  public Picture turn(Picture stored) {
    if (this == UPRIGHT) {
      return stored;
    }
    int width = swapsSides ? stored.height() : stored.width();
    int height = swapsSides ? stored.width() : stored.height();
    byte[] from = stored.rgb();
    byte[] rgb = new byte[from.length];
    int at = 0;
    for (int y = 0; y < height; y++) {
      int b = flipsY ? height - 1 - y : y;
      for (int x = 0; x < width; x++) {
        int a = flipsX ? width - 1 - x : x;
        int source = 3 * (swapsSides ? a * stored.width() + b : b * stored.width() + a);
        rgb[at++] = from[source];
        rgb[at++] = from[source + 1];
        rgb[at++] = from[source + 2];
      }
    }
    return new Picture(width, height, rgb);
  }

  /**
   * Where a box of the stored pixels is seen.
   *
   * @param storedWidth in pixels
   * @param storedHeight in pixels
   */
  public Box turn(Box stored, int storedWidth, int storedHeight) {
    Box box =
        swapsSides ? new Box(stored.y(), stored.x(), stored.height(), stored.width()) : stored;
    double width = swapsSides ? storedHeight : storedWidth;
    double height = swapsSides ? storedWidth : storedHeight;
    return new Box(
        flipsX ? width - box.right() : box.x(),
        flipsY ? height - box.bottom() : box.y(),
        box.width(),
        box.height());
  }
}
