package io.millrace.vision.picture;

/**
 * What a picture may cost at most; checked on its header, before memory for pixels is taken.
 *
 * @param maxBytes bytes of the encoded file
 * @param maxSide pixels of width and of height
 * @param maxPixels width times height
 */
public record PictureLimits(long maxBytes, int maxSide, long maxPixels) {

  public PictureLimits {
    if (maxBytes < 1 || maxSide < 1 || maxPixels < 1) {
      throw new IllegalArgumentException("limits of pictures must be positive");
    }
    if (maxPixels > Integer.MAX_VALUE / 3) {
      throw new IllegalArgumentException(
          "at most %d pixels fit into a picture".formatted(Integer.MAX_VALUE / 3));
    }
  }

  /** 20 MiB, sides of 16,384 and 40 million pixels. */
  public static PictureLimits defaults() {
    return new PictureLimits(20L << 20, 16_384, 40_000_000);
  }
}
