package io.millrace.vision.picture;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.jspecify.annotations.Nullable;

/** Files as cameras, scanners and image editors write them, byte by byte. */
public final class TestPictures {

  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10};

  private TestPictures() {}

  /** Black with one white pixel near the upper left corner: (1, 0). */
  public static Picture marked(int width, int height) {
    Picture picture = Picture.filled(width, height, 0, 0, 0);
    for (int channel = 0; channel < 3; channel++) {
      picture.rgb()[3 + channel] = (byte) 255;
    }
    return picture;
  }

  /** A PNG with an EXIF orientation, in the byte order of PCs or of others. */
  public static byte[] turnedPng(Picture stored, int exif, boolean littleEndian) {
    byte[] png = PictureWriter.png(stored);
    int end = png.length - 12;
    byte[] tiff = tiff(exif, littleEndian);
    byte[] chunk = chunk("eXIf", tiff);
    return ByteBuffer.allocate(png.length + chunk.length)
        .put(png, 0, end)
        .put(chunk)
        .put(png, end, 12)
        .array();
  }

  /** A JPEG with an EXIF orientation. */
  public static byte[] turnedJpeg(BufferedImage stored, int exif) throws IOException {
    byte[] tiff = tiff(exif, false);
    byte[] segment =
        ByteBuffer.allocate(10 + tiff.length)
            .putShort((short) 0xffe1)
            .putShort((short) (8 + tiff.length))
            .put("Exif\0\0".getBytes(StandardCharsets.US_ASCII))
            .put(tiff)
            .array();
    return withSegment(jpeg(stored), segment);
  }

  /** Half red, half blue: left and right. */
  public static BufferedImage halves(int width, int height) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, x < width / 2 ? 0xe01010 : 0x1010e0);
      }
    }
    return image;
  }

  /** A baseline JPEG as Java writes it. */
  public static byte[] jpeg(BufferedImage image) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(ImageIO.write(image, "jpeg", out)).isTrue();
    return out.toByteArray();
  }

  /**
   * A JPEG of 16 x 16 equal pixels, without subsampling and without any marker but Adobe's.
   *
   * @param stored as they are in the file, without a conversion
   * @param transform of the Adobe marker: 0 for CMYK, 2 for YCCK; null: no marker
   */
  public static byte[] storedJpeg(int[] stored, @Nullable Integer transform) throws IOException {
    WritableRaster raster =
        Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, 16, 16, stored.length, null);
    for (int i = 0; i < 256; i++) {
      raster.setPixel(i % 16, i / 16, stored);
    }
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ImageWriteParam best = writer.getDefaultWriteParam();
    best.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
    best.setCompressionQuality(1);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
      writer.setOutput(stream);
      writer.write(null, new IIOImage(raster, null, null), best);
    } finally {
      writer.dispose();
    }
    return transform == null
        ? out.toByteArray()
        : withSegment(
            out.toByteArray(),
            new byte[] {
              -1,
              (byte) 0xee,
              0,
              14,
              'A',
              'd',
              'o',
              'b',
              'e',
              0,
              100,
              0,
              0,
              0,
              0,
              transform.byteValue()
            });
  }

  /** A JPEG with another segment behind its first marker. */
  static byte[] withSegment(byte[] jpeg, byte[] segment) {
    return ByteBuffer.allocate(jpeg.length + segment.length)
        .put(jpeg, 0, 2)
        .put(segment)
        .put(jpeg, 2, jpeg.length - 2)
        .array();
  }

  /**
   * A PNG of one row.
   *
   * @param depth bits a sample
   * @param colour PNG's colour type
   * @param before chunks before the pixels, see {@link #chunk}
   * @param row packed samples
   */
  static byte[] png(int width, int depth, int colour, byte[] before, byte... row) {
    byte[] header =
        ByteBuffer.allocate(13)
            .putInt(width)
            .putInt(1)
            .put(new byte[] {(byte) depth, (byte) colour, 0, 0, 0})
            .array();
    Deflater deflater = new Deflater();
    deflater.setInput(ByteBuffer.allocate(row.length + 1).put((byte) 0).put(row).array());
    deflater.finish();
    byte[] packed = new byte[row.length + 64];
    int length = deflater.deflate(packed);
    byte[] pixels = Arrays.copyOf(packed, length);
    deflater.end();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(SIGNATURE);
    out.writeBytes(chunk("IHDR", header));
    out.writeBytes(before);
    out.writeBytes(chunk("IDAT", pixels));
    out.writeBytes(chunk("IEND", new byte[0]));
    return out.toByteArray();
  }

  /** A PNG chunk with its checksum. */
  static byte[] chunk(String type, byte[] content) {
    ByteBuffer chunk = ByteBuffer.allocate(12 + content.length).putInt(content.length);
    chunk.put(type.getBytes(StandardCharsets.US_ASCII)).put(content);
    CRC32 crc = new CRC32();
    crc.update(chunk.array(), 4, 4 + content.length);
    return chunk.putInt((int) crc.getValue()).array();
  }

  private static byte[] tiff(int orientation, boolean littleEndian) {
    ByteBuffer tiff =
        ByteBuffer.allocate(38)
            .order(littleEndian ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    tiff.putShort((short) (littleEndian ? 0x4949 : 0x4d4d)).putShort((short) 42).putInt(8);
    tiff.putShort((short) 2);
    tiff.putShort((short) 0x0100)
        .putShort((short) 3)
        .putInt(1)
        .putShort((short) 9)
        .putShort((short) 0);
    tiff.putShort((short) 0x0112).putShort((short) 3).putInt(1);
    tiff.putShort((short) orientation).putShort((short) 0).putInt(0);
    return tiff.array();
  }
}
