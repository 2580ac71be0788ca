package io.millrace.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class CurveGridTest {
  private static final CurveGrid.Panel RISING =
      new CurveGrid.Panel("rising", List.of(-2.0, 0.0, 2.0), List.of(List.of(-1.0, 0.0, 1.0)));

  @Test
  void drawsACurveFromCornerToCorner() {
    String svg = new CurveGrid("Title", List.of("value"), List.of(RISING)).svg();
    assertThat(svg)
        .contains(">Title<", ">value<", ">rising<", ">-2<", ">-0.5<", ">2<")
        .contains("points=\"40.00,226.00 135.00,151.00 230.00,76.00 \"");
  }

  @Test
  void setsFourPanelsARow() {
    String svg = new CurveGrid("t", List.of(), Collections.nCopies(6, RISING)).svg();
    assertThat(svg).contains("width=\"1000\" height=\"476\"");
    assertThat(svg.split("<polyline", -1)).hasSize(7);
    assertThat(svg).contains("points=\"280.00,426.00 ");
  }

  @Test
  void drawsTheSameAsPng() throws IOException {
    CurveGrid grid = new CurveGrid("Title", List.of("value"), List.of(RISING));
    BufferedImage png = ImageIO.read(new ByteArrayInputStream(grid.png()));
    assertThat(png.getWidth()).isEqualTo(2 * 520);
    assertThat(png.getHeight()).isEqualTo(2 * 276);
    int curve = Integer.parseInt(Palette.line(0).substring(1), 16) | 0xff000000;
    assertThat(png.getRGB(2 * 90, 2 * 186 + 1)).as("on the curve").isNotEqualTo(0xffffffff);
    assertThat(count(png, curve)).as("the curve and its sign").isGreaterThan(500);
    assertThat(png.getRGB(2 * 60, 2 * 90)).as("beside it").isEqualTo(0xffffffff);
  }

  @Test
  void aFlatCurveAndNoPanelAreDrawnToo() {
    CurveGrid.Panel flat =
        new CurveGrid.Panel("flat", List.of(0.0, 1.0), List.of(List.of(0.0, 0.0)));
    assertThat(new CurveGrid("t", List.of("v"), List.of(flat)).svg()).contains("40.00,226.00");
    assertThat(new CurveGrid("t", List.of("v"), List.of()).png()).isNotEmpty();
  }

  @Test
  void refusesCurvesOfOtherPlaces() {
    assertThatThrownBy(() -> new CurveGrid.Panel("p", List.of(0.0, 1.0), List.of(List.of(1.0))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("p: 1 values at 2 places");
  }

  @Test
  void ticksAreRoundNumbers() {
    assertThat(Axis.of(-5, 5, 0, 1).ticks()).containsExactly(-4.0, -2.0, 0.0, 2.0, 4.0);
    assertThat(Axis.of(0, 0.3, 0, 1).step()).isEqualTo(0.1);
    assertThat(Axis.of(0, 100, 0, 1).step()).isEqualTo(20);
    assertThat(Axis.of(0, 1, 0, 1).ticks()).hasSize(6);
    assertThat(Axis.of(0, 7, 0, 1).step()).isEqualTo(2);
    assertThat(Axis.of(3, 3, 10, 20).place(3)).isEqualTo(10);
  }

  private static long count(BufferedImage image, int colour) {
    long count = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        count += image.getRGB(x, y) == colour ? 1 : 0;
      }
    }
    return count;
  }
}
