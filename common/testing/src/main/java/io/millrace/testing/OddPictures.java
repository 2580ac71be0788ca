package io.millrace.testing;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.IIOImage;

/** Pictures of every kind that a platform is sent, each of one colour, with the right answer. */
public final class OddPictures {

  private static final byte[] NONE = {};
  private static final int WIDE = 40;
  private static final int HIGH = 24;
  private static final int RED = 0xc0;
  private static final int GREEN = 0x60;
  private static final int BLUE = 0x20;

  private OddPictures() {}

  /**
   * A picture.
   *
   * @param name what is odd about it
   * @param type of the bytes, as a client names it
   * @param width as a person sees it; 0 if it is refused
   * @param height likewise
   * @param rgb its colour, give or take what JPEG loses
   * @param refusal part of the reason; empty if it is taken
   */
  @SuppressWarnings("ArrayRecordComponent") // read by tests, never compared
  public record OddPicture(
      String name, String type, byte[] encoded, int width, int height, int rgb, String refusal) {

    /** Whether it can be taken. */
    public boolean isGood() {
      return refusal.isEmpty();
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** All of them. */
  public static List<OddPicture> all() {
    List<OddPicture> all = new ArrayList<>();
    addSizes(all);
    addPngs(all);
    addJpegs(all);
    addBroken(all);
    return all;
  }

  private static void addSizes(List<OddPicture> all) {
    for (int[] size : new int[][] {{1, 1}, {2, 1}, {1, 2000}, {2000, 1}}) {
      String name = "%d x %d ".formatted(size[0], size[1]);
      all.add(png(name + "PNG", rgbPng(size[0], size[1], NONE), size[0], size[1], colour()));
      byte[] jpeg = jpeg(size[0], size[1], BufferedImage.TYPE_INT_RGB, false);
      all.add(new OddPicture(name + "JPEG", "image/jpeg", jpeg, size[0], size[1], colour(), ""));
    }
  }

  private static void addPngs(List<OddPicture> all) {
    for (int exif = 1; exif <= 9; exif++) {
      byte[] turned = rgbPng(WIDE, HIGH, PictureBytes.chunk("eXIf", PictureBytes.tiff(exif)));
      boolean across = exif >= 5 && exif <= 8; // 9 means nothing
      all.add(
          png(
              "PNG of EXIF orientation " + exif,
              turned,
              across ? HIGH : WIDE,
              across ? WIDE : HIGH,
              colour()));
    }
    byte[] palette = PictureBytes.chunk("PLTE", 1, 2, 3, RED, GREEN, BLUE);
    byte[] clear = PictureBytes.concatenated(palette, PictureBytes.chunk("tRNS", 255, 0));
    all.add(png("palette", png(8, 3, palette, 1), WIDE, HIGH, colour()));
    all.add(png("palette with transparency", png(8, 3, clear, 1), WIDE, HIGH, 0xffffff));
    all.add(png("palette of one bit", png(1, 3, palette, 0xff), WIDE, HIGH, colour()));
    all.add(png("one bit", png(1, 0, NONE, 0xff), WIDE, HIGH, 0xffffff));
    all.add(png("grey", png(8, 0, NONE, 90), WIDE, HIGH, 0x5a5a5a));
    all.add(png("16 bits, grey", png(16, 0, NONE, 90, 17), WIDE, HIGH, 0x5a5a5a));
    all.add(png("16 bits", png(16, 2, NONE, RED, 1, GREEN, 2, BLUE, 3), WIDE, HIGH, colour()));
    all.add(
        png(
            "16 bits, opaque",
            png(16, 6, NONE, RED, 1, GREEN, 2, BLUE, 3, 255, 255),
            WIDE,
            HIGH,
            colour()));
    all.add(png("alpha", png(8, 6, NONE, 0, 0, 0, 128), WIDE, HIGH, 0x7f7f7f));
    all.add(png("grey with alpha", png(8, 4, NONE, 90, 0), WIDE, HIGH, 0xffffff));
    BufferedImage image = flat(WIDE, HIGH, BufferedImage.TYPE_INT_RGB);
    all.add(
        png(
            "interlaced",
            PictureBytes.written("png", new IIOImage(image, null, null), true),
            WIDE,
            HIGH,
            colour()));
  }

  private static void addJpegs(List<OddPicture> all) {
    for (int exif : new int[] {1, 3, 6, 8}) {
      byte[] tiff = PictureBytes.tiff(exif);
      byte[] app1 =
          PictureBytes.segment(
              0xe1,
              PictureBytes.concatenated("Exif\0\0".getBytes(StandardCharsets.US_ASCII), tiff));
      byte[] turned =
          PictureBytes.withSegment(jpeg(WIDE, HIGH, BufferedImage.TYPE_INT_RGB, false), app1);
      all.add(
          jpeg(
              "JPEG of EXIF orientation " + exif,
              turned,
              exif > 4 ? HIGH : WIDE,
              exif > 4 ? WIDE : HIGH,
              colour()));
    }
    all.add(
        jpeg(
            "progressive",
            jpeg(WIDE, HIGH, BufferedImage.TYPE_INT_RGB, true),
            WIDE,
            HIGH,
            colour()));
    byte[] grey = jpeg(WIDE, HIGH, BufferedImage.TYPE_BYTE_GRAY, false);
    all.add(jpeg("grey JPEG", grey, WIDE, HIGH, -1));
    // Adobe stores 255 for no ink.
    byte[] inks = inks(200, 100, 50, 128);
    all.add(jpeg("CMYK", PictureBytes.withSegment(inks, adobe(0)), WIDE, HIGH, 0x643219));
    byte[] ycck = inks(128, 128, 128, 128);
    all.add(jpeg("YCCK", PictureBytes.withSegment(ycck, adobe(2)), WIDE, HIGH, 0x404040));
    all.add(refused("four colours without a name", "image/jpeg", inks, "save it again as RGB"));
  }

  private static void addBroken(List<OddPicture> all) {
    byte[] png = rgbPng(WIDE, HIGH, NONE);
    byte[] jpeg = jpeg(WIDE, HIGH, BufferedImage.TYPE_INT_RGB, false);
    String none = "neither a PNG nor a JPEG";
    all.add(
        refused(
            "garbage", "image/png", "surely no picture".getBytes(StandardCharsets.US_ASCII), none));
    all.add(
        refused("GIF", "image/png", "GIF89a\1\0\1\0".getBytes(StandardCharsets.ISO_8859_1), none));
    all.add(refused("BMP", "image/jpeg", "BM\1\0\1\0".getBytes(StandardCharsets.ISO_8859_1), none));
    all.add(refused("PNG cut off", "image/png", Arrays.copyOf(png, png.length - 13), "broken off"));
    all.add(refused("PNG's first bytes", "image/png", Arrays.copyOf(png, 8), "broken off"));
    all.add(
        refused("JPEG cut off", "image/jpeg", Arrays.copyOf(jpeg, jpeg.length / 2), "broken off"));
    byte[] flipped = png.clone();
    flipped[png.length - 30] ^= 1;
    all.add(refused("PNG with a bit flipped", "image/png", flipped, "the checksum of its chunk"));
    all.add(
        refused(
            "PNG of broken pixels",
            "image/png",
            PictureBytes.framed(WIDE, HIGH, 8, 2, NONE, NONE),
            "cannot be decoded"));
    all.add(
        refused(
            "PNG of no width",
            "image/png",
            PictureBytes.framed(0, 1, 8, 2, NONE, PictureBytes.deflated(new byte[4])),
            "its size is 0 x 1"));
    byte[] few =
        PictureBytes.framed(30_000, 30_000, 8, 2, NONE, PictureBytes.deflated(new byte[100]));
    String many = "30000 x 30000 pixels are too many";
    all.add(refused("PNG header of 30,000 pixels a side", "image/png", few, many));
    byte[] large = jpeg.clone();
    int frame = PictureBytes.frame(large);
    ByteBuffer.wrap(large).putShort(frame + 5, (short) 30_000).putShort(frame + 7, (short) 30_000);
    all.add(refused("JPEG header of 30,000 pixels a side", "image/jpeg", large, many));
    byte[] deep = jpeg.clone();
    deep[frame + 4] = 12;
    all.add(refused("JPEG of 12 bits", "image/jpeg", deep, "12 bits a colour"));
  }

  private static int colour() {
    return RED << 16 | GREEN << 8 | BLUE;
  }

  private static OddPicture png(String name, byte[] encoded, int width, int height, int rgb) {
    return new OddPicture(name, "image/png", encoded, width, height, rgb, "");
  }

  private static OddPicture jpeg(String name, byte[] encoded, int width, int height, int rgb) {
    return new OddPicture(name, "image/jpeg", encoded, width, height, rgb, "");
  }

  private static OddPicture refused(String name, String type, byte[] encoded, String reason) {
    return new OddPicture(name, type, encoded, 0, 0, 0, reason);
  }

  private static byte[] rgbPng(int width, int height, byte[] before) {
    byte[] pixel = {(byte) RED, (byte) GREEN, (byte) BLUE};
    return PictureBytes.framed(
        width,
        height,
        8,
        2,
        before,
        PictureBytes.deflated(PictureBytes.rows(width, height, 24, pixel)));
  }

  /** Of {@value WIDE} x {@value HIGH} equal pixels, or of bytes if a pixel is less than one. */
  private static byte[] png(int depth, int colour, byte[] before, int... pixel) {
    byte[] bytes = PictureBytes.bytes(pixel);
    int bits = depth < 8 ? depth : 8 * bytes.length;
    return PictureBytes.framed(
        WIDE,
        HIGH,
        depth,
        colour,
        before,
        PictureBytes.deflated(PictureBytes.rows(WIDE, HIGH, bits, bytes)));
  }

  private static BufferedImage flat(int width, int height, int type) {
    BufferedImage image = new BufferedImage(width, height, type);
    for (int i = 0; i < width * height; i++) {
      image.setRGB(i % width, i / width, colour());
    }
    return image;
  }

  private static byte[] jpeg(int width, int height, int type, boolean progressive) {
    return PictureBytes.written(
        "jpeg", new IIOImage(flat(width, height, type), null, null), progressive);
  }

  /** Four stored colours as they are, without a marker that names them. */
  private static byte[] inks(int... stored) {
    WritableRaster raster =
        Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, WIDE, HIGH, stored.length, null);
    for (int i = 0; i < WIDE * HIGH; i++) {
      raster.setPixel(i % WIDE, i / WIDE, stored);
    }
    return PictureBytes.written("jpeg", new IIOImage(raster, null, null), false);
  }

  /** The marker that names the four colours: 0 for CMYK, 2 for YCCK. */
  private static byte[] adobe(int transform) {
    byte[] name = "Adobe".getBytes(StandardCharsets.US_ASCII);
    return PictureBytes.segment(
        0xee, PictureBytes.concatenated(name, PictureBytes.bytes(0, 100, 0, 0, 0, 0, transform)));
  }
}
