package io.millrace.vision.picture;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Encodes pictures as PNG, without loss, or as JPEG. */
public final class PictureWriter {

  private static final float JPEG_QUALITY = 0.92f;

  private PictureWriter() {}

  /** The bytes of a PNG file. */
  public static byte[] png(Picture picture) {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
    return encoded(picture, writer, writer.getDefaultWriteParam());
  }

  /** The bytes of a JPEG file whose losses are hardly seen. */
  public static byte[] jpeg(Picture picture) {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ImageWriteParam fine = writer.getDefaultWriteParam();
    fine.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
    fine.setCompressionQuality(JPEG_QUALITY);
    return encoded(picture, writer, fine);
  }

  /** Ends the writer. */
  private static byte[] encoded(Picture picture, ImageWriter writer, ImageWriteParam how) {
    BufferedImage image =
        new BufferedImage(picture.width(), picture.height(), BufferedImage.TYPE_INT_RGB);
    int[] row = new int[picture.width()];
    byte[] rgb = picture.rgb();
    int at = 0;
    for (int y = 0; y < picture.height(); y++) {
      for (int x = 0; x < row.length; x++, at += 3) {
        row[x] = (rgb[at] & 0xff) << 16 | (rgb[at + 1] & 0xff) << 8 | rgb[at + 2] & 0xff;
      }
      image.setRGB(0, y, row.length, 1, row, 0, row.length);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), how);
    } catch (IOException e) {
      throw new UncheckedIOException("a picture cannot be encoded in memory", e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  /** Writes a PNG file, replacing one that is there. */
  public static void writePng(Picture picture, Path file) throws IOException {
    Files.write(file, png(picture));
  }
}
