package io.millrace.vision.picture;

import io.millrace.vision.picture.PictureHeader.Format;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes PNG and JPEG.
 *
 * <p>Colour profiles and the camera's orientation are ignored: a box counts in the pixels that are
 * stored. Transparency is laid over white, 16 bits are cut to 8.
 */
public final class PictureReader {

  private final PictureLimits limits;

  public PictureReader(PictureLimits limits) {
    this.limits = limits;
  }

  /**
   * Decodes a picture.
   *
   * @param encoded the bytes of a PNG or JPEG file
   * @param name of the file, for messages
   * @throws InvalidPictureException if the bytes are neither PNG nor JPEG, broken off or damaged,
   *     or beyond the limits
   */
  public Picture read(byte[] encoded, String name) {
    PictureHeader header = header(encoded, name);
    BufferedImage image = decode(encoded, name, header.format());
    if (image.getWidth() != header.width() || image.getHeight() != header.height()) {
      throw new InvalidPictureException(
          "%s: the decoded picture is %d x %d, its header says %d x %d"
              .formatted(
                  name, image.getWidth(), image.getHeight(), header.width(), header.height()));
    }
    return toRgb(image);
  }

  /**
   * Checks a picture without decoding its pixels: format, completeness, limits.
   *
   * @throws InvalidPictureException as {@link #read(byte[], String)}
   */
  public PictureHeader header(byte[] encoded, String name) {
    checkBytes(encoded.length, name);
    PictureHeader header = HeaderParser.parse(encoded, name);
    long pixels = (long) header.width() * header.height();
    if (header.width() > limits.maxSide()
        || header.height() > limits.maxSide()
        || pixels > limits.maxPixels()) {
      throw new InvalidPictureException(
          "%s: %d x %d pixels are too many; at most %d a side and %d in all are read: scale the picture down"
              .formatted(
                  name, header.width(), header.height(), limits.maxSide(), limits.maxPixels()));
    }
    return header;
  }

  private void checkBytes(long bytes, String name) {
    if (bytes > limits.maxBytes()) {
      throw new InvalidPictureException(
          "%s: %d bytes are too many; at most %d are read"
              .formatted(name, bytes, limits.maxBytes()));
    }
  }

  private static BufferedImage decode(byte[] encoded, String name, Format format) {
    ImageReader reader =
        ImageIO.getImageReadersByFormatName(format.name().toLowerCase(Locale.ROOT)).next();
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(encoded))) {
      // Security: ignoring metadata keeps compressed text chunks from being inflated.
      reader.setInput(in, /* seekForwardOnly= */ true, /* ignoreMetadata= */ true);
      return reader.read(0);
    } catch (IOException | RuntimeException e) {
      throw new InvalidPictureException(
          "%s: this %s cannot be decoded (%s): save it again as an RGB %s"
              .formatted(name, format, e.getMessage(), format),
          e);
    } finally {
      reader.dispose();
    }
  }

  private static Picture toRgb(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    byte[] rgb = new byte[3 * width * height];
    if (image.getColorModel() instanceof ComponentColorModel) {
      copySamples(image.getRaster(), rgb);
    } else {
      copyPalette(image, rgb);
    }
    return new Picture(width, height, rgb);
  }

  /** Takes samples as they are stored: getRGB would bend grey by a gamma curve. */
  private static void copySamples(Raster raster, byte[] rgb) {
    int bands = raster.getNumBands();
    int colours = bands >= 3 ? 3 : 1;
    int alpha = bands == colours ? -1 : colours;
    int shift = raster.getSampleModel().getSampleSize(0) - 8;
    int[] row = new int[bands * raster.getWidth()];
    int at = 0;
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getPixels(0, y, raster.getWidth(), 1, row);
      for (int x = 0; x < raster.getWidth(); x++) {
        int first = bands * x;
        int opaque = alpha < 0 ? 255 : row[first + alpha] >> shift;
        for (int channel = 0; channel < 3; channel++) {
          int value = row[first + (colours == 3 ? channel : 0)] >> shift;
          rgb[at++] = (byte) overWhite(value, opaque);
        }
      }
    }
  }

  private static void copyPalette(BufferedImage image, byte[] rgb) {
    int[] row = new int[image.getWidth()];
    int at = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      image.getRGB(0, y, image.getWidth(), 1, row, 0, image.getWidth());
      for (int argb : row) {
        for (int shift = 16; shift >= 0; shift -= 8) {
          rgb[at++] = (byte) overWhite(argb >> shift & 0xff, argb >>> 24);
        }
      }
    }
  }

  private static int overWhite(int value, int alpha) {
    return (value * alpha + 255 * (255 - alpha) + 127) / 255;
  }
}
