package io.millrace.vision.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.vision.picture.PictureHeader.Format;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PictureReaderTest {

  private final PictureReader reader = new PictureReader(PictureLimits.defaults());

  private static Picture colourful() {
    byte[] rgb = new byte[3 * 37 * 23];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (i * 7 + i / 111);
    }
    return new Picture(37, 23, rgb);
  }

  private static byte[] encode(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(ImageIO.write(image, format, out)).isTrue();
    return out.toByteArray();
  }

  private static byte[] smoothJpeg() throws IOException {
    BufferedImage image = new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 1200; i++) {
      image.setRGB(i % 40, i / 40, (60 + i % 40) << 16 | (200 - i / 40) << 8 | 90);
    }
    return encode(image, "jpeg");
  }

  @Test
  void readsBackWhatWasWrittenAsPng() {
    byte[] png = PictureWriter.png(colourful());
    assertThat(reader.read(png, "a.png")).isEqualTo(colourful());
    assertThat(reader.header(png, "a.png")).isEqualTo(new PictureHeader(Format.PNG, 37, 23));
  }

  @Test
  void readsJpegAlmostAsItWas() throws IOException {
    Picture picture = reader.read(smoothJpeg(), "a.jpg");
    assertThat(picture.width()).isEqualTo(40);
    assertThat(picture.height()).isEqualTo(30);
    assertThat(picture.get(20, 10, 0)).isBetween(70, 90);
    assertThat(picture.get(20, 10, 1)).isBetween(180, 200);
    assertThat(picture.get(20, 10, 2)).isBetween(80, 100);
  }

  @Test
  void keepsGreyAsItIsStored() throws IOException {
    BufferedImage grey = new BufferedImage(256, 1, BufferedImage.TYPE_BYTE_GRAY);
    BufferedImage deep = new BufferedImage(256, 1, BufferedImage.TYPE_USHORT_GRAY);
    for (int x = 0; x < 256; x++) {
      grey.getRaster().setSample(x, 0, 0, x);
      deep.getRaster().setSample(x, 0, 0, x << 8 | 0x7f);
    }
    for (BufferedImage image : new BufferedImage[] {grey, deep}) {
      Picture picture = reader.read(encode(image, "png"), "grey.png");
      for (int x = 0; x < 256; x++) {
        assertThat(picture.get(x, 0, 0)).isEqualTo(x);
        assertThat(picture.get(x, 0, 2)).isEqualTo(x);
      }
    }
  }

  @Test
  void laysTransparencyOverWhite() throws IOException {
    BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_INT_ARGB);
    image.setRGB(0, 0, 0x00102030);
    image.setRGB(1, 0, 0xff102030);
    image.setRGB(2, 0, 0x80000000);
    Picture picture = reader.read(encode(image, "png"), "a.png");
    assertThat(picture.get(0, 0, 1)).isEqualTo(255);
    assertThat(picture.get(1, 0, 1)).isEqualTo(0x20);
    assertThat(picture.get(2, 0, 1)).isEqualTo(127);
  }

  @Test
  void readsPalettes() throws IOException {
    BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_INDEXED);
    image.setRGB(3, 4, 0xffff0000);
    Picture picture = reader.read(encode(image, "png"), "a.png");
    assertThat(picture.get(3, 4, 0)).isEqualTo(255);
    assertThat(picture.get(3, 4, 1)).isZero();
    assertThat(picture.get(2, 4, 0)).isZero();
  }

  @Test
  void readsOneBitPictures() throws IOException {
    BufferedImage image = new BufferedImage(9, 2, BufferedImage.TYPE_BYTE_BINARY);
    image.setRGB(7, 1, 0xffffffff);
    byte[] png = encode(image, "png");
    assertThat(png[24]).isEqualTo((byte) 1);
    Picture picture = reader.read(png, "a.png");
    assertThat(picture.get(7, 1, 2)).isEqualTo(255);
    assertThat(picture.get(6, 1, 0)).isZero();
  }

  /** Each scan of a progressive JPEG costs a pass over all pixels. */
  @Test
  void refusesManyScans() throws IOException {
    byte[] jpeg = smoothJpeg();
    int scan = 0;
    while (!(jpeg[scan] == (byte) 0xff && jpeg[scan + 1] == (byte) 0xda)) {
      scan++;
    }
    ByteArrayOutputStream many = new ByteArrayOutputStream();
    many.write(jpeg, 0, scan);
    for (int i = 0; i < 101; i++) {
      many.write(jpeg, scan, jpeg.length - 2 - scan);
    }
    many.write(jpeg, jpeg.length - 2, 2);
    assertThatThrownBy(() -> reader.read(many.toByteArray(), "slow.jpg"))
        .hasMessageContaining("slow.jpg: more than 100 scans");
  }

  /** A header of two billion pixels a side must not cost memory. */
  @Test
  void refusesAHugeSizeBeforePixelsAreRead() {
    byte[] png = PictureWriter.png(colourful());
    ByteBuffer header = ByteBuffer.wrap(png);
    header.putInt(16, Integer.MAX_VALUE).putInt(20, Integer.MAX_VALUE);
    CRC32 crc = new CRC32();
    crc.update(png, 12, 17);
    header.putInt(29, (int) crc.getValue());
    assertThatThrownBy(() -> reader.read(png, "bomb.png"))
        .isInstanceOf(InvalidPictureException.class)
        .hasMessageContaining("bomb.png: 2147483647 x 2147483647 pixels are too many");
  }

  @Test
  void refusesWhatIsBeyondTheLimits() {
    byte[] png = PictureWriter.png(colourful());
    assertThatThrownBy(
            () -> new PictureReader(new PictureLimits(png.length - 1, 99, 9999)).read(png, "a"))
        .hasMessageContaining(png.length + " bytes are too many");
    assertThatThrownBy(() -> new PictureReader(new PictureLimits(9999, 36, 9999)).read(png, "a"))
        .hasMessageContaining("37 x 23");
    assertThatThrownBy(() -> new PictureReader(new PictureLimits(9999, 99, 850)).read(png, "a"))
        .hasMessageContaining("850 in all");
    assertThat(new PictureReader(new PictureLimits(png.length, 37, 851)).read(png, "a"))
        .isEqualTo(colourful());
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "jpeg"})
  void refusesEveryFileThatIsBrokenOff(String format) throws IOException {
    byte[] whole = format.equals("png") ? PictureWriter.png(colourful()) : smoothJpeg();
    assertThat(reader.read(whole, "whole").width()).isPositive();
    for (int length = 0; length < whole.length; length++) {
      byte[] part = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> reader.read(part, "part"))
          .isInstanceOf(InvalidPictureException.class)
          .hasMessageStartingWith("part: ");
    }
  }

  @Test
  void refusesDamagedPixels() {
    byte[] png = PictureWriter.png(colourful());
    png[60] ^= 1;
    assertThatThrownBy(() -> reader.read(png, "a.png"))
        .hasMessageContaining("a.png: the file is damaged")
        .hasMessageContaining("IDAT");
  }

  @Test
  void refusesOtherFormats() {
    assertThatThrownBy(() -> reader.read("GIF89a....".getBytes(StandardCharsets.US_ASCII), "a.gif"))
        .hasMessage("a.gif: neither a PNG nor a JPEG; convert the picture to one of them");
    assertThatThrownBy(() -> reader.read(new byte[0], "a.png"))
        .hasMessage("a.png: the file is empty");
  }
}
