package io.millrace.vision.picture;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Finds the orientation in EXIF metadata, a TIFF structure (EXIF 2.32, section 4.6). */
final class Exif {

  private static final int LITTLE_ENDIAN = 0x4949;
  private static final int BIG_ENDIAN = 0x4d4d;
  private static final int TIFF = 42;
  private static final int ENTRY_BYTES = 12;
  private static final int ORIENTATION = 0x0112;
  private static final int SHORT = 3;
  private static final int LONG = 4;

  private Exif() {}

  /**
   * The orientation; upright if there is none or the structure is broken, as every viewer takes it.
   *
   * @param tiff from the byte order on, position to limit
   */
  static Orientation orientation(ByteBuffer tiff) {
    ByteBuffer in = tiff.slice();
    if (in.limit() < 8) {
      return Orientation.UPRIGHT;
    }
    int order = Short.toUnsignedInt(in.getShort(0));
    if (order != LITTLE_ENDIAN && order != BIG_ENDIAN) {
      return Orientation.UPRIGHT;
    }
    in.order(order == LITTLE_ENDIAN ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    long directory = Integer.toUnsignedLong(in.getInt(4));
    if (in.getShort(2) != TIFF || directory + 2 > in.limit()) {
      return Orientation.UPRIGHT;
    }
    int entries = Short.toUnsignedInt(in.getShort((int) directory));
    for (int i = 0; i < entries; i++) {
      long entry = directory + 2 + (long) ENTRY_BYTES * i;
      if (entry + ENTRY_BYTES > in.limit()) {
        return Orientation.UPRIGHT;
      }
      int at = (int) entry;
      if (Short.toUnsignedInt(in.getShort(at)) == ORIENTATION) {
        return switch (in.getShort(at + 2)) {
          case SHORT -> Orientation.ofExif(Short.toUnsignedInt(in.getShort(at + 8)));
          case LONG -> Orientation.ofExif(in.getInt(at + 8));
          default -> Orientation.UPRIGHT;
        };
      }
    }
    return Orientation.UPRIGHT;
  }
}
