package io.millrace.vision.picture;

/**
 * What a file says about its picture.
 *
 * @param format how it is encoded
 * @param width pixels
 * @param height pixels
 */
public record PictureHeader(Format format, int width, int height) {

  /** Encodings that can be read. */
  public enum Format {
    /** Portable Network Graphics. */
    PNG,
    /** JPEG, baseline or progressive. */
    JPEG
  }
}
