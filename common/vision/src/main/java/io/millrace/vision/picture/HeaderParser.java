package io.millrace.vision.picture;

import io.millrace.vision.picture.PictureHeader.Format;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/** Walks the structure of a file from its first byte to its end mark, without decoding pixels. */
final class HeaderParser {

  private static final long PNG_SIGNATURE = 0x89504e470d0a1a0aL;
  private static final int IHDR = 0x49484452;
  private static final int IDAT = 0x49444154;
  private static final int IEND = 0x49454e44;

  /**
   * Security: each scan of a progressive JPEG costs a pass over all pixels; about ten are usual.
   */
  private static final int MAX_SCANS = 100;

  private final ByteBuffer in;
  private final String name;

  private HeaderParser(byte[] encoded, String name) {
    this.in = ByteBuffer.wrap(encoded);
    this.name = name;
  }

  static PictureHeader parse(byte[] encoded, String name) {
    HeaderParser parser = new HeaderParser(encoded, name);
    if (encoded.length >= 8 && parser.in.getLong(0) == PNG_SIGNATURE) {
      return parser.png();
    }
    if (encoded.length >= 3 && parser.in.getShort(0) == (short) 0xffd8 && encoded[2] == -1) {
      return parser.jpeg();
    }
    throw new InvalidPictureException(
        name
            + (encoded.length == 0
                ? ": the file is empty"
                : ": neither a PNG nor a JPEG; convert the picture to one of them"));
  }

  /** Chunks as in the PNG specification, third edition, section 5. */
  private PictureHeader png() {
    in.position(8);
    PictureHeader header = null;
    boolean pixels = false;
    while (true) {
      int length = need(8).getInt();
      int type = in.getInt();
      if (length < 0 || in.remaining() < length + 4L) {
        throw brokenOff("a chunk " + chunkName(type) + " that goes beyond the end");
      }
      int start = in.position();
      CRC32 crc = new CRC32();
      crc.update(in.slice(start - 4, length + 4));
      in.position(start + length);
      if (in.getInt() != (int) crc.getValue()) {
        throw damaged("the checksum of its chunk " + chunkName(type) + " does not fit");
      }
      if (header == null) {
        if (type != IHDR || length != 13) {
          throw damaged("it does not begin with an image header");
        }
        header = pngHeader(start);
      }
      pixels |= type == IDAT;
      if (type == IEND) {
        if (!pixels) {
          throw damaged("it has no pixels");
        }
        return header;
      }
    }
  }

  private PictureHeader pngHeader(int start) {
    int depth = in.get(start + 8);
    boolean known =
        switch (in.get(start + 9)) {
          case 0 -> depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
          case 3 -> depth == 1 || depth == 2 || depth == 4 || depth == 8;
          case 2, 4, 6 -> depth == 8 || depth == 16;
          default -> false;
        };
    if (!known || in.get(start + 10) != 0 || in.get(start + 11) != 0 || in.get(start + 12) > 1) {
      throw damaged("its image header has values that PNG does not know");
    }
    return header(Format.PNG, in.getInt(start), in.getInt(start + 4));
  }

  /** Segments as in ITU T.81, annex B. */
  private PictureHeader jpeg() {
    in.position(2);
    PictureHeader header = null;
    int scans = 0;
    while (true) {
      int marker = nextMarker(/* scan= */ scans > 0);
      if (marker == 0xd9) {
        if (header == null || scans == 0) {
          throw damaged("it ends before its pixels");
        }
        return header;
      }
      if (marker == 0x01 || marker >= 0xd0 && marker <= 0xd7) {
        continue; // stands alone
      }
      int length = Short.toUnsignedInt(need(2).getShort());
      if (length < 2 || in.remaining() < length - 2) {
        throw brokenOff("a segment that goes beyond the end");
      }
      int start = in.position();
      if (isFrame(marker)) {
        if (header != null || length < 8) {
          throw damaged("its frame header is wrong");
        }
        header =
            header(
                Format.JPEG,
                Short.toUnsignedInt(in.getShort(start + 3)),
                Short.toUnsignedInt(in.getShort(start + 1)));
      }
      if (marker == 0xda) {
        if (header == null) {
          throw damaged("its pixels come before its frame header");
        }
        scans++;
        if (scans > MAX_SCANS) {
          throw new InvalidPictureException(
              "%s: more than %d scans; save it again as a baseline JPEG"
                  .formatted(name, MAX_SCANS));
        }
      }
      in.position(start + length - 2);
    }
  }

  private static boolean isFrame(int marker) {
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
  }

  /** The next marker's code; inside of a scan everything up to it is coded pixels. */
  private int nextMarker(boolean scan) {
    int previous = Byte.toUnsignedInt(need(1).get());
    while (true) {
      int code = Byte.toUnsignedInt(need(1).get());
      if (previous == 0xff && code != 0 && code != 0xff) {
        return code;
      }
      if (previous != 0xff && !scan) {
        throw damaged("there is no marker where one must be");
      }
      previous = code;
    }
  }

  private PictureHeader header(Format format, int width, int height) {
    if (width <= 0 || height <= 0) {
      throw damaged(
          "its size is %s x %s"
              .formatted(Integer.toUnsignedString(width), Integer.toUnsignedString(height)));
    }
    return new PictureHeader(format, width, height);
  }

  private ByteBuffer need(int bytes) {
    if (in.remaining() < bytes) {
      throw brokenOff("no end mark");
    }
    return in;
  }

  private InvalidPictureException brokenOff(String what) {
    return new InvalidPictureException(
        "%s: the file is broken off after %d bytes (%s); upload it again"
            .formatted(name, in.capacity(), what));
  }

  private InvalidPictureException damaged(String what) {
    return new InvalidPictureException(name + ": the file is damaged: " + what);
  }

  private static String chunkName(int type) {
    byte[] letters = ByteBuffer.allocate(4).putInt(0, type).array();
    return new String(letters, StandardCharsets.ISO_8859_1).replaceAll("[^A-Za-z]", "?");
  }
}
