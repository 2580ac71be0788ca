package io.millrace.vision.picture;

/**
 * What a file says about its picture.
 *
 * @param format how it is encoded
 * @param width pixels of a stored row
 * @param height stored rows
 * @param orientation how the stored pixels are turned to what a person sees
 */
public record PictureHeader(Format format, int width, int height, Orientation orientation) {

  /** A picture that is stored as it is seen. */
  public PictureHeader(Format format, int width, int height) {
    this(format, width, height, Orientation.UPRIGHT);
  }

  /** Pixels from left to right as a person sees the picture. */
  public int displayedWidth() {
    return orientation.swapsSides() ? height : width;
  }

  /** Pixels from top to bottom as a person sees the picture. */
  public int displayedHeight() {
    return orientation.swapsSides() ? width : height;
  }

  /** Encodings that can be read. */
  public enum Format {
    /** Portable Network Graphics. */
    PNG,
    /** JPEG, baseline or progressive. */
    JPEG
  }
}
