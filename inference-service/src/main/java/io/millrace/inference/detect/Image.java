package io.millrace.inference.detect;

/**
 * A picture of a request.
 *
 * @param field that it came in
 * @param name for messages
 * @param encoded the bytes of a file that should be PNG or JPEG
 */
public record Image(String field, String name, byte[] encoded) {

  /** The only one of a request. */
  public static Image only(byte[] encoded) {
    return new Image("image", "the picture", encoded);
  }

  /** One of several, from 0. */
  public static Image numbered(int index, byte[] encoded) {
    return new Image("images", "images[" + index + "]", encoded);
  }
}
