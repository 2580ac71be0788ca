package io.millrace.vision.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every way in which PNG and JPEG hold colours becomes the right RGB, or is refused by name. */
class PictureColoursTest {

  private static final byte[] NONE = {};

  private final PictureReader reader = new PictureReader(PictureLimits.defaults());

  private int[] pixel(byte[] encoded, int x) {
    Picture picture = reader.read(encoded, "a");
    return new int[] {picture.get(x, 0, 0), picture.get(x, 0, 1), picture.get(x, 0, 2)};
  }

  private void requireClose(byte[] encoded, int red, int green, int blue) {
    int[] found = pixel(encoded, 8);
    assertThat(found[0]).isCloseTo(red, within(3));
    assertThat(found[1]).isCloseTo(green, within(3));
    assertThat(found[2]).isCloseTo(blue, within(3));
  }

  /** Adobe stores 255 for no ink. */
  @Test
  void readsCmyk() throws IOException {
    requireClose(TestPictures.storedJpeg(new int[] {255, 0, 0, 255}, 0), 255, 0, 0);
    requireClose(TestPictures.storedJpeg(new int[] {200, 100, 50, 128}, 0), 100, 50, 25);
    requireClose(TestPictures.storedJpeg(new int[] {40, 161, 163, 255}, 0), 40, 161, 163);
  }

  /**
   * Red, green and blue of Y, Cb and Cr by ITU T.871 are the inks that are missing: 182, 70, 92.
   */
  @Test
  void readsYcck() throws IOException {
    requireClose(TestPictures.storedJpeg(new int[] {106, 120, 182, 255}, 2), 73, 185, 163);
    requireClose(TestPictures.storedJpeg(new int[] {128, 128, 128, 128}, 2), 64, 64, 64);
  }

  @Test
  void refusesFourColoursThatNobodyNames() throws IOException {
    for (Integer transform : new Integer[] {null, 1}) {
      byte[] jpeg = TestPictures.storedJpeg(new int[] {60, 90, 200, 210}, transform);
      assertThatThrownBy(() -> reader.read(jpeg, "scan.jpg"))
          .isInstanceOf(InvalidPictureException.class)
          .hasMessageContaining("scan.jpg: a JPEG of four colours")
          .hasMessageContaining("CMYK")
          .hasMessageContaining("save it again as RGB");
    }
  }

  @Test
  void refusesTwoColoursAndTwelveBits() throws IOException {
    byte[] two = TestPictures.storedJpeg(new int[] {60, 90}, null);
    assertThatThrownBy(() -> reader.read(two, "a.jpg")).hasMessageContaining("a JPEG of 2 colours");
    byte[] deep = TestPictures.jpeg(TestPictures.halves(16, 16));
    deep[frame(deep) + 4] = 12;
    assertThatThrownBy(() -> reader.read(deep, "a.jpg"))
        .hasMessageContaining("a JPEG of 12 bits a colour");
  }

  /** Without a marker and with ids from 0 on, Java's decoder would take YCbCr for RGB. */
  @ParameterizedTest
  @CsvSource({"1", "0", "7"})
  void threeColoursWithoutAMarkerAreYcc(int firstId) throws IOException {
    byte[] plain = TestPictures.storedJpeg(new int[] {106, 120, 182}, null);
    int frame = frame(plain);
    for (int i = 0; i < 3; i++) {
      plain[frame + 10 + 3 * i] = (byte) (firstId + i);
    }
    int scan = scan(plain);
    for (int i = 0; i < 3; i++) {
      plain[scan + 5 + 2 * i] = (byte) (firstId + i);
    }
    requireClose(plain, 182, 70, 92);
  }

  private static int frame(byte[] jpeg) {
    int at = 2;
    while ((jpeg[at + 1] & 0xff) != 0xc0) {
      at += 2 + ((jpeg[at + 2] & 0xff) << 8 | jpeg[at + 3] & 0xff);
    }
    return at;
  }

  private static int scan(byte[] jpeg) {
    int at = frame(jpeg);
    while ((jpeg[at + 1] & 0xff) != 0xda) {
      at += 2 + ((jpeg[at + 2] & 0xff) << 8 | jpeg[at + 3] & 0xff);
    }
    return at;
  }

  @Test
  void readsGreyJpegs() throws IOException {
    BufferedImage grey = new BufferedImage(16, 16, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < 256; i++) {
      grey.getRaster().setSample(i % 16, i / 16, 0, 90);
    }
    requireClose(TestPictures.jpeg(grey), 90, 90, 90);
  }

  /** 8 and 16 bits; opacity 0x80 lies over white. */
  @ParameterizedTest
  @CsvSource({
    "8, 0, 40, '40,40,40'",
    "16, 0, '40,77', '40,40,40'",
    "8, 2, '10,20,30', '10,20,30'",
    "16, 2, '10,99,20,0,30,255', '10,20,30'",
    "8, 4, '40,255', '40,40,40'",
    "8, 4, '0,128', '127,127,127'",
    "16, 4, '40,1,255,2', '40,40,40'",
    "16, 4, '0,0,128,0', '127,127,127'",
    "8, 6, '10,20,30,255', '10,20,30'",
    "8, 6, '10,20,30,0', '255,255,255'",
    "16, 6, '10,9,20,9,30,9,255,9', '10,20,30'",
    "2, 0, 64, '85,85,85'",
    "4, 0, 16, '17,17,17'",
    "1, 0, 128, '255,255,255'",
  })
  void readsEveryKindOfPng(int depth, int colour, String row, String expected) {
    assertThat(pixel(TestPictures.png(1, depth, colour, NONE, bytes(row)), 0))
        .containsExactly(ints(expected));
  }

  @Test
  void readsPalettesOfEveryDepthWithTransparency() {
    byte[] palette = TestPictures.chunk("PLTE", bytes("200,100,50,1,2,3"));
    byte[] opacity = TestPictures.chunk("tRNS", bytes("255,0"));
    byte[] both = new byte[palette.length + opacity.length];
    System.arraycopy(palette, 0, both, 0, palette.length);
    System.arraycopy(opacity, 0, both, palette.length, opacity.length);
    for (int depth : new int[] {1, 2, 4, 8}) {
      byte[] row = depth == 8 ? new byte[] {0, 1} : new byte[] {(byte) (1 << 8 - 2 * depth)};
      assertThat(pixel(TestPictures.png(2, depth, 3, palette, row), 0))
          .containsExactly(200, 100, 50);
      assertThat(pixel(TestPictures.png(2, depth, 3, palette, row), 1)).containsExactly(1, 2, 3);
      assertThat(pixel(TestPictures.png(2, depth, 3, both, row), 1)).containsExactly(255, 255, 255);
    }
  }

  /** One colour that stands for none. */
  @Test
  void readsTransparentColours() {
    byte[] red = TestPictures.chunk("tRNS", bytes("0,255,0,0,0,0"));
    byte[] rgb = TestPictures.png(2, 8, 2, red, bytes("255,0,0,9,8,7"));
    assertThat(pixel(rgb, 0)).containsExactly(255, 255, 255);
    assertThat(pixel(rgb, 1)).containsExactly(9, 8, 7);
    byte[] forty = TestPictures.chunk("tRNS", bytes("0,40"));
    byte[] grey = TestPictures.png(2, 8, 0, forty, bytes("40,41"));
    assertThat(pixel(grey, 0)).containsExactly(255, 255, 255);
    assertThat(pixel(grey, 1)).containsExactly(41, 41, 41);
  }

  @Test
  void readsInterlacedPictures() throws IOException {
    BufferedImage image = TestPictures.halves(19, 11);
    ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
    ImageWriteParam interlaced = writer.getDefaultWriteParam();
    interlaced.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
      writer.setOutput(stream);
      writer.write(null, new IIOImage(image, null, null), interlaced);
    }
    writer.dispose();
    byte[] png = out.toByteArray();
    assertThat(png[28]).isEqualTo((byte) 1);
    assertThat(pixel(png, 3)).containsExactly(0xe0, 0x10, 0x10);
    assertThat(pixel(png, 15)).containsExactly(0x10, 0x10, 0xe0);
  }

  /** What stands behind the end mark, as phones append films, is not the picture's. */
  @Test
  void readsTheFirstPictureOfAFile() throws IOException {
    byte[] jpeg = TestPictures.jpeg(TestPictures.halves(64, 16));
    byte[] png = PictureWriter.png(Picture.filled(1, 1, 7, 8, 9));
    requireClose(Arrays.copyOf(jpeg, jpeg.length + 64), 0xe0, 0x10, 0x10);
    assertThat(pixel(Arrays.copyOf(png, png.length + 9), 0)).containsExactly(7, 8, 9);
  }

  private static byte[] bytes(String numbers) {
    int[] ints = ints(numbers);
    byte[] bytes = new byte[ints.length];
    for (int i = 0; i < ints.length; i++) {
      bytes[i] = (byte) ints[i];
    }
    return bytes;
  }

  private static int[] ints(String numbers) {
    return Arrays.stream(numbers.split(",", -1)).mapToInt(Integer::parseInt).toArray();
  }
}
