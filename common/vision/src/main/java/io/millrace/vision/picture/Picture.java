package io.millrace.vision.picture;

import java.util.Arrays;

/** A picture as interleaved RGB, one byte a channel, row after row. */
public final class Picture {

  private final int width;
  private final int height;
  private final byte[] rgb;

  /**
   * Wraps pixels without a copy: the caller gives them away.
   *
   * @param rgb [height, width, 3]
   * @throws IllegalArgumentException if the pixels do not fit the size
   */
  public Picture(int width, int height, byte[] rgb) {
    if (width <= 0 || height <= 0 || rgb.length != 3L * width * height) {
      throw new IllegalArgumentException(
          "%d bytes are not %d x %d RGB pixels".formatted(rgb.length, width, height));
    }
    this.width = width;
    this.height = height;
    this.rgb = rgb;
  }

  /** A picture of one colour, each channel in [0, 255]. */
  public static Picture filled(int width, int height, int red, int green, int blue) {
    byte[] rgb = new byte[Math.multiplyExact(3, Math.multiplyExact(width, height))];
    for (int i = 0; i < rgb.length; i += 3) {
      rgb[i] = (byte) red;
      rgb[i + 1] = (byte) green;
      rgb[i + 2] = (byte) blue;
    }
    return new Picture(width, height, rgb);
  }

  /** Pixels in a row. */
  public int width() {
    return width;
  }

  /** Rows. */
  public int height() {
    return height;
  }

  /** The pixels themselves, [height, width, 3]; not a copy. */
  public byte[] rgb() {
    return rgb;
  }

  /** One value in [0, 255]; channel 0 is red, 1 green, 2 blue. */
  public int get(int x, int y, int channel) {
    return rgb[3 * (y * width + x) + channel] & 0xff;
  }

  /**
   * A copy of a part.
   *
   * @param left first column
   * @param top first row
   * @throws IllegalArgumentException if the part is empty or reaches beyond the picture
   */
  public Picture part(int left, int top, int partWidth, int partHeight) {
    if (left < 0
        || top < 0
        || partWidth < 1
        || partHeight < 1
        || partWidth > width - left
        || partHeight > height - top) {
      throw new IllegalArgumentException(
          "%d x %d pixels at %d, %d are no part of %s"
              .formatted(partWidth, partHeight, left, top, this));
    }
    byte[] some = new byte[3 * partWidth * partHeight];
    for (int y = 0; y < partHeight; y++) {
      int from = 3 * ((top + y) * width + left);
      System.arraycopy(rgb, from, some, 3 * y * partWidth, 3 * partWidth);
    }
    return new Picture(partWidth, partHeight, some);
  }

  /**
   * A copy with every pixel as a square of pixels.
   *
   * @param times length of a square's side, at least 1
   */
  public Picture enlarged(int times) {
    int wide = Math.multiplyExact(width, times);
    byte[] large =
        new byte
            [Math.multiplyExact(3, Math.multiplyExact(wide, Math.multiplyExact(height, times)))];
    for (int y = 0; y < height * times; y++) {
      for (int x = 0; x < wide; x++) {
        System.arraycopy(rgb, 3 * (y / times * width + x / times), large, 3 * (y * wide + x), 3);
      }
    }
    return new Picture(wide, height * times, large);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Picture picture
        && width == picture.width
        && height == picture.height
        && Arrays.equals(rgb, picture.rgb);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * width + height) + Arrays.hashCode(rgb);
  }

  @Override
  public String toString() {
    return "Picture[" + width + " x " + height + "]";
  }
}
