package io.millrace.vision.picture;

import java.nio.ByteBuffer;

/**
 * The structure of a file, walked from its first byte to its end mark without decoding pixels.
 *
 * @param header what it says about its picture
 * @param unnamedColours whether it is a JPEG of three colours that does not tell which ones
 */
record PictureFile(PictureHeader header, boolean unnamedColours) {

  /**
   * Walks a file.
   *
   * @throws InvalidPictureException if it is neither PNG nor JPEG, broken off or damaged, or has
   *     colours that cannot be converted
   */
  static PictureFile parse(byte[] encoded, String name) {
    ByteBuffer in = ByteBuffer.wrap(encoded);
    if (encoded.length >= 8 && in.getLong(0) == PngParser.SIGNATURE) {
      return new PictureFile(new PngParser(in, name).header(), false);
    }
    if (encoded.length >= 3 && in.getShort(0) == (short) 0xffd8 && encoded[2] == -1) {
      return new JpegParser(in, name).file();
    }
    throw new InvalidPictureException(
        name
            + (encoded.length == 0
                ? ": the file is empty"
                : ": neither a PNG nor a JPEG; convert the picture to one of them"));
  }

  /** The next bytes are needed. */
  static ByteBuffer need(ByteBuffer in, int bytes, String name) {
    if (in.remaining() < bytes) {
      throw brokenOff(in, name, "no end mark");
    }
    return in;
  }

  static void requireSize(int width, int height, String name) {
    if (width <= 0 || height <= 0) {
      throw damaged(
          name,
          "its size is %s x %s"
              .formatted(Integer.toUnsignedString(width), Integer.toUnsignedString(height)));
    }
  }

  static InvalidPictureException brokenOff(ByteBuffer in, String name, String what) {
    return new InvalidPictureException(
        "%s: the file is broken off after %d bytes (%s); upload it again"
            .formatted(name, in.capacity(), what));
  }

  static InvalidPictureException damaged(String name, String what) {
    return new InvalidPictureException(name + ": the file is damaged: " + what);
  }
}
