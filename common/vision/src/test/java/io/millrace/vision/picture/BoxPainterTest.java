package io.millrace.vision.picture;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.vision.box.Box;
import io.millrace.vision.box.Detection;
import java.util.List;
import org.junit.jupiter.api.Test;

class BoxPainterTest {

  private static final Picture BLACK = Picture.filled(120, 80, 0, 0, 0);

  @Test
  void framesABoxAndLeavesItsInside() {
    Picture painted =
        BoxPainter.paint(BLACK, List.of(new Detection(new Box(20, 30, 40, 20), 1, "cat", 0.5)));
    assertThat(painted.get(20, 40, 1)).isEqualTo(0xb4);
    assertThat(painted.get(59, 40, 1)).isEqualTo(0xb4);
    assertThat(painted.get(40, 49, 1)).isEqualTo(0xb4);
    assertThat(painted.get(40, 40, 1)).isZero();
    assertThat(painted.get(60, 40, 1)).isZero();
    assertThat(BLACK.get(20, 40, 1)).isZero();
  }

  @Test
  void writesTheLabelAboveTheBox() {
    Picture painted =
        BoxPainter.paint(BLACK, List.of(new Detection(new Box(20, 30, 40, 20), 1, "L", 0.5)));
    // The letter L: a line down at the left, a line at the bottom.
    for (int row = 0; row < 5; row++) {
      assertThat(painted.get(21, 24 + row, 0)).isEqualTo(255);
      assertThat(painted.get(22, 24 + row, 0)).isEqualTo(row == 4 ? 255 : 0x3c);
    }
  }

  @Test
  void enlargesEveryPixelToASquare() {
    Picture picture = new Picture(2, 1, new byte[] {1, 2, 3, 4, 5, 6});

    assertThat(picture.enlarged(2))
        .isEqualTo(
            new Picture(
                4,
                2,
                new byte[] {
                  1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6, 1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6
                }));
  }

  @Test
  void staysInsideOfThePicture() {
    Picture painted =
        BoxPainter.paint(
            BLACK,
            List.of(
                new Detection(new Box(-30, -30, 400, 400), 0, "all of it", 1),
                new Detection(new Box(119, 79, 1, 1), 200, "naïve", 0.123),
                new Detection(new Box(500, 500, 10, 10), 3, "a long label that does not fit", 1)));
    assertThat(painted).isNotEqualTo(BLACK);
  }
}
