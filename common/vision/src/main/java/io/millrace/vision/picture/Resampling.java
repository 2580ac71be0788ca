package io.millrace.vision.picture;

import java.util.Arrays;

/**
 * Scales pictures. Each pixel is the mean of the originals that it covers; when enlarging, of the
 * two nearest in each direction by distance (bilinear). Both are one triangle filter whose width
 * grows with the reduction, applied to rows and columns in turn.
 */
public final class Resampling {

  /** The padding: zero after normalisation. */
  private static final byte GREY = (byte) 128;

  private Resampling() {}

  /**
   * The picture so small that its longer side is not above a limit; itself if it is so already.
   *
   * @param limit in pixels, at least 1
   */
  public static Picture within(Picture original, int limit) {
    double scale = scaleWithin(original, limit);
    return scale == 1
        ? original
        : scale(original, scale, side(original.width(), scale), side(original.height(), scale));
  }

  /** The factor by which {@link #within} scales, at most 1. */
  public static double scaleWithin(Picture original, int limit) {
    return Math.min(1, (double) limit / Math.max(original.width(), original.height()));
  }

  /**
   * The scaled picture in the upper left corner of one of a given size, grey to the right of it and
   * below; the original itself if nothing changes.
   *
   * @param scale so that the scaled picture fits into the size
   * @param width of the result in pixels
   * @param height of the result in pixels
   */
  public static Picture scale(Picture original, double scale, int width, int height) {
    int scaledWidth = Math.min(side(original.width(), scale), width);
    int scaledHeight = Math.min(side(original.height(), scale), height);
    if (scaledWidth == width && scaledHeight == height && scale == 1) {
      return original;
    }
    Taps columns = Taps.of(original.width(), scaledWidth, scale);
    Taps rows = Taps.of(original.height(), scaledHeight, scale);
    float[] wide = scaleRows(original, columns, scaledWidth);
    byte[] rgb = new byte[3 * width * height];
    Arrays.fill(rgb, GREY);
    int stride = 3 * scaledWidth;
    float[] sums = new float[stride];
    for (int y = 0; y < scaledHeight; y++) {
      Arrays.fill(sums, 0.5f);
      for (int tap = 0; tap < rows.count[y]; tap++) {
        float weight = rows.weights[y][tap];
        int first = (rows.first[y] + tap) * stride;
        for (int i = 0; i < stride; i++) {
          sums[i] += weight * wide[first + i];
        }
      }
      int target = 3 * y * width;
      for (int i = 0; i < stride; i++) {
        rgb[target + i] = (byte) Math.clamp((int) sums[i], 0, 255);
      }
    }
    return new Picture(width, height, rgb);
  }

  private static int side(int original, double scale) {
    return (int) Math.max(1, Math.round(original * scale));
  }

  /** [original height, scaled width, 3]. */
  private static float[] scaleRows(Picture original, Taps columns, int scaledWidth) {
    float[] wide = new float[Math.multiplyExact(3 * scaledWidth, original.height())];
    byte[] rgb = original.rgb();
    int at = 0;
    for (int y = 0; y < original.height(); y++) {
      for (int x = 0; x < scaledWidth; x++) {
        int source = 3 * (y * original.width() + columns.first[x]);
        float red = 0;
        float green = 0;
        float blue = 0;
        for (int tap = 0; tap < columns.count[x]; tap++, source += 3) {
          float weight = columns.weights[x][tap];
          red += weight * (rgb[source] & 0xff);
          green += weight * (rgb[source + 1] & 0xff);
          blue += weight * (rgb[source + 2] & 0xff);
        }
        wide[at++] = red;
        wide[at++] = green;
        wide[at++] = blue;
      }
    }
    return wide;
  }

  /** For every target pixel of one direction: the first source pixel, how many, their weights. */
  private record Taps(int[] first, int[] count, float[][] weights) {

    static Taps of(int sourceSize, int targetSize, double scale) {
      int[] first = new int[targetSize];
      int[] count = new int[targetSize];
      float[][] weights = new float[targetSize][];
      double reach = Math.max(1, 1 / scale);
      for (int i = 0; i < targetSize; i++) {
        double centre = (i + 0.5) / scale - 0.5;
        int low = Math.clamp((int) Math.ceil(centre - reach), 0, sourceSize - 1);
        int high = Math.clamp((int) Math.floor(centre + reach), low, sourceSize - 1);
        float[] own = new float[high - low + 1];
        double sum = 0;
        for (int j = low; j <= high; j++) {
          double weight = Math.max(0, 1 - Math.abs(j - centre) / reach);
          own[j - low] = (float) weight;
          sum += weight;
        }
        for (int j = 0; j < own.length; j++) {
          own[j] = sum > 0 ? (float) (own[j] / sum) : 1f / own.length;
        }
        first[i] = low;
        count[i] = own.length;
        weights[i] = own;
      }
      return new Taps(first, count, weights);
    }
  }
}
