package io.millrace.vision.picture;

import io.millrace.vision.picture.PictureHeader.Format;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Segments as in ITU T.81, annex B; which colours they hold as in ITU T.871 and T.872. */
final class JpegParser {

  /**
   * Security: each scan of a progressive JPEG costs a pass over all pixels; about ten are usual.
   */
  private static final int MAX_SCANS = 100;

  private static final int APP0 = 0xe0;
  private static final int APP1 = 0xe1;
  private static final int APP14 = 0xee;
  private static final int SCAN = 0xda;
  private static final int END = 0xd9;
  private static final int NO_ADOBE = -1;
  private static final byte[] JFIF = {'J', 'F', 'I', 'F', 0};
  private static final byte[] EXIF = {'E', 'x', 'i', 'f', 0, 0};
  private static final byte[] ADOBE = {'A', 'd', 'o', 'b', 'e'};
  private static final int ADOBE_TRANSFORM = 11;

  private final ByteBuffer in;
  private final String name;
  private boolean jfif;
  private @Nullable Orientation exif;
  private int adobe = NO_ADOBE;
  private byte[] components = {};

  JpegParser(ByteBuffer in, String name) {
    this.in = in;
    this.name = name;
  }

  PictureFile file() {
    in.position(2);
    PictureHeader header = null;
    int scans = 0;
    while (true) {
      int marker = nextMarker(/* scan= */ scans > 0);
      if (marker == END) {
        if (header == null || scans == 0) {
          throw PictureFile.damaged(name, "it ends before its pixels");
        }
        return file(header);
      }
      if (marker == 0x01 || marker >= 0xd0 && marker <= 0xd7) {
        continue; // stands alone
      }
      int length = Short.toUnsignedInt(PictureFile.need(in, 2, name).getShort());
      if (length < 2 || in.remaining() < length - 2) {
        throw PictureFile.brokenOff(in, name, "a segment that goes beyond the end");
      }
      ByteBuffer segment = in.slice(in.position(), length - 2);
      if (isFrame(marker)) {
        if (header != null) {
          throw PictureFile.damaged(name, "its frame header is wrong");
        }
        header = frame(segment);
      } else if (marker == SCAN) {
        if (header == null) {
          throw PictureFile.damaged(name, "its pixels come before its frame header");
        }
        scans++;
        if (scans > MAX_SCANS) {
          throw new InvalidPictureException(
              "%s: more than %d scans; save it again as a baseline JPEG"
                  .formatted(name, MAX_SCANS));
        }
      } else if (scans == 0) {
        application(marker, segment);
      }
      in.position(in.position() + length - 2);
    }
  }

  private PictureFile file(PictureHeader header) {
    // What Java's decoder takes for RGB, and every other one for YCbCr.
    boolean unnamed =
        components.length == 3
            && !jfif
            && exif == null
            && adobe == NO_ADOBE
            && !Arrays.equals(components, new byte[] {1, 2, 3})
            && !Arrays.equals(components, new byte[] {'R', 'G', 'B'});
    Orientation orientation = exif == null ? Orientation.UPRIGHT : exif;
    return new PictureFile(
        new PictureHeader(Format.JPEG, header.width(), header.height(), orientation), unnamed);
  }

  private PictureHeader frame(ByteBuffer segment) {
    if (segment.limit() < 6 || segment.limit() < 6 + 3 * Byte.toUnsignedInt(segment.get(5))) {
      throw PictureFile.damaged(name, "its frame header is wrong");
    }
    int bits = segment.get(0);
    int height = Short.toUnsignedInt(segment.getShort(1));
    int width = Short.toUnsignedInt(segment.getShort(3));
    PictureFile.requireSize(width, height, name);
    components = new byte[Byte.toUnsignedInt(segment.get(5))];
    for (int i = 0; i < components.length; i++) {
      components[i] = segment.get(6 + 3 * i);
    }
    if (bits != 8) {
      throw new InvalidPictureException(
          "%s: a JPEG of %d bits a colour; save it again with 8".formatted(name, bits));
    }
    requireKnownColours();
    return new PictureHeader(Format.JPEG, width, height);
  }

  private void requireKnownColours() {
    boolean known =
        switch (components.length) {
          case 1, 3 -> true;
          case 4 -> adobe == 0 || adobe == 2;
          default -> false;
        };
    if (!known) {
      throw new InvalidPictureException(
          components.length == 4
              ? name
                  + ": a JPEG of four colours that does not tell which (CMYK or YCCK by an Adobe"
                  + " marker); save it again as RGB"
              : "%s: a JPEG of %d colours; save it again as RGB"
                  .formatted(name, components.length));
    }
  }

  private void application(int marker, ByteBuffer segment) {
    if (marker == APP0 && begins(segment, JFIF)) {
      jfif = true;
    } else if (marker == APP1 && exif == null && begins(segment, EXIF)) {
      exif = Exif.orientation(segment.position(EXIF.length));
    } else if (marker == APP14
        && begins(segment, ADOBE)
        && segment.limit() > ADOBE_TRANSFORM
        && components.length == 0) {
      adobe = Byte.toUnsignedInt(segment.get(ADOBE_TRANSFORM));
    }
  }

  private static boolean begins(ByteBuffer segment, byte[] with) {
    return segment.limit() >= with.length
        && segment.slice(0, with.length).equals(ByteBuffer.wrap(with));
  }

  private static boolean isFrame(int marker) {
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
  }

  /** The next marker's code; inside of a scan everything up to it is coded pixels. */
  private int nextMarker(boolean scan) {
    int previous = Byte.toUnsignedInt(PictureFile.need(in, 1, name).get());
    while (true) {
      int code = Byte.toUnsignedInt(PictureFile.need(in, 1, name).get());
      if (previous == 0xff && code != 0 && code != 0xff) {
        return code;
      }
      if (previous != 0xff && !scan) {
        throw PictureFile.damaged(name, "there is no marker where one must be");
      }
      previous = code;
    }
  }

  /** A JPEG that says of itself what every decoder but Java's assumes: that it holds YCbCr. */
  static byte[] named(byte[] encoded) {
    ByteBuffer named = ByteBuffer.allocate(encoded.length + 18).put(encoded, 0, 2);
    named.putShort((short) 0xffe0).putShort((short) 16).put(JFIF);
    named.put(new byte[] {1, 1, 0, 0, 1, 0, 1, 0, 0});
    return named.put(encoded, 2, encoded.length - 2).array();
  }
}
