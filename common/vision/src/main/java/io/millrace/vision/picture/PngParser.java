package io.millrace.vision.picture;

import io.millrace.vision.picture.PictureHeader.Format;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/** Chunks as in the PNG specification, third edition, section 5. */
final class PngParser {

  static final long SIGNATURE = 0x89504e470d0a1a0aL;

  private static final int IHDR = 0x49484452;
  private static final int IDAT = 0x49444154;
  private static final int IEND = 0x49454e44;
  private static final int EXIF = 0x65584966;

  private final ByteBuffer in;
  private final String name;

  PngParser(ByteBuffer in, String name) {
    this.in = in;
    this.name = name;
  }

  PictureHeader header() {
    in.position(8);
    PictureHeader header = null;
    Orientation orientation = Orientation.UPRIGHT;
    boolean pixels = false;
    while (true) {
      int length = PictureFile.need(in, 8, name).getInt();
      int type = in.getInt();
      if (length < 0 || in.remaining() < length + 4L) {
        throw PictureFile.brokenOff(
            in, name, "a chunk " + chunkName(type) + " that goes beyond the end");
      }
      int start = in.position();
      CRC32 crc = new CRC32();
      crc.update(in.slice(start - 4, length + 4));
      in.position(start + length);
      if (in.getInt() != (int) crc.getValue()) {
        throw PictureFile.damaged(
            name, "the checksum of its chunk " + chunkName(type) + " does not fit");
      }
      if (header == null) {
        if (type != IHDR || length != 13) {
          throw PictureFile.damaged(name, "it does not begin with an image header");
        }
        header = imageHeader(start);
      }
      pixels |= type == IDAT;
      if (type == EXIF) {
        orientation = Exif.orientation(in.slice(start, length));
      }
      if (type == IEND) {
        if (!pixels) {
          throw PictureFile.damaged(name, "it has no pixels");
        }
        return new PictureHeader(Format.PNG, header.width(), header.height(), orientation);
      }
    }
  }

  private PictureHeader imageHeader(int start) {
    int depth = in.get(start + 8);
    boolean known =
        switch (in.get(start + 9)) {
          case 0 -> depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
          case 3 -> depth == 1 || depth == 2 || depth == 4 || depth == 8;
          case 2, 4, 6 -> depth == 8 || depth == 16;
          default -> false;
        };
    if (!known || in.get(start + 10) != 0 || in.get(start + 11) != 0 || in.get(start + 12) > 1) {
      throw PictureFile.damaged(name, "its image header has values that PNG does not know");
    }
    int width = in.getInt(start);
    int height = in.getInt(start + 4);
    PictureFile.requireSize(width, height, name);
    return new PictureHeader(Format.PNG, width, height);
  }

  private static String chunkName(int type) {
    byte[] letters = ByteBuffer.allocate(4).putInt(0, type).array();
    return new String(letters, StandardCharsets.ISO_8859_1).replaceAll("[^A-Za-z]", "?");
  }
}
