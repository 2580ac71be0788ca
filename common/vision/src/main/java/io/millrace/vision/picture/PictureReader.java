package io.millrace.vision.picture;

import io.millrace.vision.picture.PictureHeader.Format;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes PNG and JPEG to what a person sees: the one way in which pictures get into the platform.
 *
 * <p>The picture is turned as its EXIF orientation says, so boxes count in displayed pixels. Colour
 * profiles are ignored. CMYK and YCCK become RGB by {@code (255 - ink) * (255 - black) / 255}.
 * Transparency is laid over white, 16 bits are cut to 8. Of an animated PNG the still picture is
 * read. Colours that cannot be converted are refused.
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
   *     beyond the limits, or of colours that cannot be converted
   */
  public Picture read(byte[] encoded, String name) {
    PictureFile file = file(encoded, name);
    PictureHeader header = file.header();
    byte[] known = file.unnamedColours() ? JpegParser.named(encoded) : encoded;
    BufferedImage image = decode(known, name, header.format());
    if (image.getWidth() != header.width() || image.getHeight() != header.height()) {
      throw new InvalidPictureException(
          "%s: the decoded picture is %d x %d, its header says %d x %d"
              .formatted(
                  name, image.getWidth(), image.getHeight(), header.width(), header.height()));
    }
    return header.orientation().turn(toRgb(image, name));
  }

  /**
   * Checks a picture without decoding its pixels: format, completeness, colours, limits.
   *
   * @throws InvalidPictureException as {@link #read(byte[], String)}
   */
  public PictureHeader header(byte[] encoded, String name) {
    return file(encoded, name).header();
  }

  /**
   * Checks a picture's file; one that is too large is not read.
   *
   * @throws InvalidPictureException as {@link #read(byte[], String)}
   * @throws IOException if the file cannot be read
   */
  public PictureHeader header(Path file, String name) throws IOException {
    checkBytes(Files.size(file), name);
    return header(Files.readAllBytes(file), name);
  }

  private PictureFile file(byte[] encoded, String name) {
    checkBytes(encoded.length, name);
    PictureFile file = PictureFile.parse(encoded, name);
    PictureHeader header = file.header();
    long pixels = (long) header.width() * header.height();
    if (header.width() > limits.maxSide()
        || header.height() > limits.maxSide()
        || pixels > limits.maxPixels()) {
      throw new InvalidPictureException(
          "%s: %d x %d pixels are too many; at most %d a side and %d in all are read: scale the picture down"
              .formatted(
                  name, header.width(), header.height(), limits.maxSide(), limits.maxPixels()));
    }
    return file;
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

  private static Picture toRgb(BufferedImage image, String name) {
    int width = image.getWidth();
    int height = image.getHeight();
    byte[] rgb = new byte[3 * width * height];
    ColorModel colours = image.getColorModel();
    if (!(colours instanceof ComponentColorModel)) {
      copyPalette(image, rgb);
      return new Picture(width, height, rgb);
    }
    // Not by the number of bands: four of them may be RGB with transparency, or CMYK.
    switch (colours.getColorSpace().getType()) {
      case ColorSpace.TYPE_RGB, ColorSpace.TYPE_GRAY ->
          copySamples(image.getRaster(), colours.getNumColorComponents(), rgb);
      case ColorSpace.TYPE_CMYK -> copyInks(image.getRaster(), rgb);
      default ->
          throw new InvalidPictureException(
              "%s: its colours are neither RGB, grey nor CMYK; save it again as RGB"
                  .formatted(name));
    }
    return new Picture(width, height, rgb);
  }

  /**
   * Takes samples as they are stored: getRGB would bend grey by a gamma curve.
   *
   * @param colours bands of colour, 1 or 3; one behind them is opacity
   */
  private static void copySamples(Raster raster, int colours, byte[] rgb) {
    int bands = raster.getNumBands();
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

  /** Bands of cyan, magenta, yellow and black ink, 255 for all of it. */
  private static void copyInks(Raster raster, byte[] rgb) {
    int[] row = new int[4 * raster.getWidth()];
    int at = 0;
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getPixels(0, y, raster.getWidth(), 1, row);
      for (int first = 0; first < row.length; first += 4) {
        for (int ink = 0; ink < 3; ink++) {
          rgb[at++] = (byte) (((255 - row[first + ink]) * (255 - row[first + 3]) + 127) / 255);
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
