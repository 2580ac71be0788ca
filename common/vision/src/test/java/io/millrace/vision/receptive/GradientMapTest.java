package io.millrace.vision.receptive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.vision.picture.Picture;
import java.util.List;
import org.junit.jupiter.api.Test;

class GradientMapTest {

  /** 4 in the middle, 1 on the four sides of it, 2 in a far corner: 10 together. */
  private static GradientMap cross() {
    double[] squares = new double[7 * 5];
    squares[2 * 7 + 3] = 4;
    squares[1 * 7 + 3] = 1;
    squares[3 * 7 + 3] = 1;
    squares[2 * 7 + 2] = 1;
    squares[2 * 7 + 4] = 1;
    squares[4 * 7 + 6] = 2;
    return new GradientMap(7, 5, squares);
  }

  @Test
  void findsTheSmallestSquareThatHoldsAShare() {
    GradientMap map = cross();
    assertThat(map.sideHolding(3, 2, 0.4)).isEqualTo(1);
    assertThat(map.sideHolding(3, 2, 0.41)).isEqualTo(3);
    assertThat(map.sideHolding(3, 2, 0.8)).isEqualTo(3);
    assertThat(map.sideHolding(3, 2, 0.81)).isEqualTo(7);
    assertThat(map.sideHolding(3, 2, 1)).isEqualTo(7);
    assertThat(map.sideHolding(2.5, 2, 0.5)).as("between two pixels").isEqualTo(2);
  }

  @Test
  void sumsWithinASquare() {
    GradientMap map = cross();
    assertThat(map.shareWithin(3, 2, 1)).isCloseTo(0.4, within(1e-15));
    assertThat(map.shareWithin(3, 2, 3)).isCloseTo(0.8, within(1e-15));
    assertThat(map.shareWithin(3, 2, 7)).isEqualTo(1);
  }

  @Test
  void nothingMattersToACellWithoutGradient() {
    GradientMap none = new GradientMap(2, 2, new double[4]);
    assertThat(none.sideHolding(0, 0, 0.95)).isZero();
    assertThat(none.shareWithin(0, 0, 9)).isZero();
    assertThat(GradientPainter.paint(List.of(new GradientPainter.Panel(none, 0, 0, 9, 0))))
        .isEqualTo(Picture.filled(2, 2, 0, 0, 0));
  }

  @Test
  void drawsMapsSideBySideWithBothSquares() {
    GradientMap map = cross();
    GradientPainter.Panel panel = new GradientPainter.Panel(map, 3, 2, 5, 3);
    Picture picture = GradientPainter.paint(List.of(panel, panel));
    assertThat(picture.width()).isEqualTo(7 + 4 + 7);
    assertThat(picture.height()).isEqualTo(5);
    assertThat(picture.get(3, 2, 0)).isEqualTo(255);
    assertThat(picture.get(6, 4, 1)).isEqualTo((int) Math.round(255 * Math.pow(0.5, 0.25)));
    assertThat(picture.get(2, 2, 0)).as("orange").isEqualTo(0xf5);
    assertThat(picture.get(1, 2, 2)).as("blue").isEqualTo(0xd8);
    assertThat(picture.get(0, 2, 2)).isZero();
    assertThat(picture.get(8, 2, 2)).as("between both").isEqualTo(255);
    assertThat(picture.get(11 + 3, 2, 0)).isEqualTo(255);
  }

  @Test
  void refusesWhatIsNoMap() {
    assertThatThrownBy(() -> new GradientMap(2, 3, new double[5])).hasMessageContaining("2 x 3");
    assertThatThrownBy(() -> new GradientMap(1, 1, new double[] {Double.NaN}))
        .hasMessageContaining("NaN");
    assertThatThrownBy(() -> new GradientMap(1, 1, new double[] {-1})).hasMessageContaining("-1");
  }
}
