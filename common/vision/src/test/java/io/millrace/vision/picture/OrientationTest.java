package io.millrace.vision.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.vision.box.Box;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OrientationTest {

  private final PictureReader reader = new PictureReader(PictureLimits.defaults());

  /** The pixel (1, 0) of a stored picture of 5 x 3, by what EXIF 2.32 says of each value. */
  @ParameterizedTest
  @CsvSource({
    "1, 5, 3, 1, 0",
    "2, 5, 3, 3, 0",
    "3, 5, 3, 3, 2",
    "4, 5, 3, 1, 2",
    "5, 3, 5, 0, 1",
    "6, 3, 5, 2, 1",
    "7, 3, 5, 2, 3",
    "8, 3, 5, 0, 3",
  })
  void turnsPicturesAndBoxesAlike(int exif, int width, int height, int x, int y) {
    Picture stored = TestPictures.marked(5, 3);
    for (boolean littleEndian : new boolean[] {false, true}) {
      byte[] png = TestPictures.turnedPng(stored, exif, littleEndian);

      Picture seen = reader.read(png, "a.png");

      assertThat(seen).hasToString("Picture[%d x %d]".formatted(width, height));
      assertThat(seen.get(x, y, 0)).isEqualTo(255);
      PictureHeader header = reader.header(png, "a.png");
      assertThat(header.width()).isEqualTo(5);
      assertThat(header.displayedWidth()).isEqualTo(width);
      assertThat(header.displayedHeight()).isEqualTo(height);
      assertThat(header.orientation().exif()).isEqualTo(exif);
      assertThat(header.orientation().turn(new Box(1, 0, 1, 1), 5, 3))
          .isEqualTo(new Box(x, y, 1, 1));
    }
  }

  @Test
  void turnsJpegsToo() throws IOException {
    byte[] jpeg = TestPictures.turnedJpeg(TestPictures.halves(32, 16), 6);
    Picture seen = reader.read(jpeg, "a.jpg");
    assertThat(seen).hasToString("Picture[16 x 32]");
    assertThat(seen.get(8, 4, 0)).isGreaterThan(200);
    assertThat(seen.get(8, 28, 0)).isLessThan(60);
  }

  @ParameterizedTest
  @CsvSource({"0", "9", "65535"})
  void valuesThatExifDoesNotKnowChangeNothing(int exif) {
    Picture stored = TestPictures.marked(5, 3);
    assertThat(reader.read(TestPictures.turnedPng(stored, exif, true), "a.png")).isEqualTo(stored);
  }

  /** Whatever is wrong with metadata, the picture is read; only a wrong checksum refuses it. */
  @Test
  void brokenMetadataDoesNotMatter() {
    Picture stored = TestPictures.marked(5, 3);
    byte[] before = TestPictures.chunk("eXIf", new byte[] {'M', 'M', 0, 42, 127, 0, 0, 0});
    byte[] cut = TestPictures.chunk("eXIf", new byte[] {'I', 'I', 42, 0, 8, 0, 0, 0, 9, 0});
    for (byte[] exif : new byte[][] {before, cut, TestPictures.chunk("eXIf", new byte[3])}) {
      byte[] png =
          TestPictures.png(5, 8, 0, exif, (byte) 1, (byte) 2, (byte) 3, (byte) 4, (byte) 5);
      assertThat(reader.read(png, "a.png").get(4, 0, 0)).isEqualTo(5);
    }
    byte[] damaged = TestPictures.turnedPng(stored, 6, true);
    damaged[damaged.length - 20] ^= 1;
    assertThatThrownBy(() -> reader.read(damaged, "a.png")).hasMessageContaining("eXIf");
  }
}
