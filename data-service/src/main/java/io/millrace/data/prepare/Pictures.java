package io.millrace.data.prepare;

/** Makes pixels of an encoded picture. */
public interface Pictures {
  /**
   * Decodes a PNG or JPEG, scales it to fit and pads it at the right and the bottom.
   *
   * @throws RejectedDocumentException if it is no picture, damaged, or too large
   */
  Letterboxed letterbox(byte[] encoded, int width, int height) throws RejectedDocumentException;

  /**
   * Pixels.
   *
   * @param rgb [height, width, 3] of the sample
   * @param scale from the original's pixels to the sample's
   * @param originalWidth pixels of the original
   * @param originalHeight pixels of the original
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Letterboxed(byte[] rgb, float scale, int originalWidth, int originalHeight) {}
}
