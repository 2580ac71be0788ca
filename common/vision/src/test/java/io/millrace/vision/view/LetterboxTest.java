package io.millrace.vision.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.vision.box.Box;
import io.millrace.vision.picture.Picture;
import org.junit.jupiter.api.Test;

class LetterboxTest {

  /** Red grows to the right, green downwards. */
  private static Picture ramp(int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        rgb[3 * (y * width + x)] = (byte) Math.round(255.0 * (x + 0.5) / width);
        rgb[3 * (y * width + x) + 1] = (byte) Math.round(255.0 * (y + 0.5) / height);
      }
    }
    return new Picture(width, height, rgb);
  }

  @Test
  void shrinksByMeansAndPadsAtTheRightAndTheBottom() {
    Shown wide = new Letterbox(64, 64).show(ramp(640, 480));
    assertThat(wide.placement().scale()).isEqualTo(0.1);
    assertThat(wide.picture().get(63, 47, 0)).isCloseTo(253, within(3));
    assertThat(wide.picture().get(10, 20, 0)).isCloseTo(Math.round(255 * 10.5f / 64), within(1));
    assertThat(wide.picture().get(10, 20, 1)).isCloseTo(Math.round(255 * 20.5f / 48), within(1));
    assertThat(wide.picture().get(10, 48, 0)).isEqualTo(128);
    Shown tall = new Letterbox(64, 64).show(ramp(100, 200));
    assertThat(tall.picture().get(31, 63, 2)).isZero();
    assertThat(tall.picture().get(32, 0, 2)).isEqualTo(128);
  }

  @Test
  void doesNotLoseThinLinesWhenShrinking() {
    Picture lines = Picture.filled(400, 400, 0, 0, 0);
    for (int y = 0; y < 400; y += 8) {
      java.util.Arrays.fill(lines.rgb(), 3 * 400 * y, 3 * 400 * (y + 1), (byte) 255);
    }
    Picture small = new Letterbox(50, 50).show(lines).picture();
    for (int y = 2; y < 48; y++) {
      assertThat(small.get(25, y, 0)).isBetween(20, 45);
    }
  }

  @Test
  void enlargesBilinearly() {
    Picture two = new Picture(2, 1, new byte[] {0, 0, 0, (byte) 200, 0, 0});
    Picture eight = new Letterbox(8, 4).show(two).picture();
    int[] reds = new int[8];
    for (int x = 0; x < 8; x++) {
      reds[x] = eight.get(x, 2, 0);
    }
    assertThat(reds).containsExactly(0, 0, 25, 75, 125, 175, 200, 200);
  }

  @Test
  void keepsAPictureOfTheRightSizeAndUniformColours() {
    Picture picture = ramp(48, 32);
    assertThat(new Letterbox(48, 32).show(picture).picture()).isSameAs(picture);
    Picture grey = new Letterbox(31, 17).show(Picture.filled(100, 90, 77, 78, 79)).picture();
    assertThat(grey.get(5, 5, 0)).isEqualTo(77);
    assertThat(grey.get(0, 16, 2)).isEqualTo(79);
  }

  @Test
  void mapsBoxesThereAndBack() {
    Shown scaled = new Letterbox(128, 96).show(Picture.filled(333, 517, 1, 2, 3));
    Box box = new Box(17.25, 300, 80.5, 120);
    Box there = scaled.placement().fromOriginal(box);
    assertThat(there.bottom()).isLessThanOrEqualTo(96);
    Box back = scaled.placement().toOriginal(there);
    assertThat(back.x()).isCloseTo(17.25, within(1e-9));
    assertThat(back.y()).isCloseTo(300, within(1e-9));
    assertThat(back.width()).isCloseTo(80.5, within(1e-9));
    assertThat(back.height()).isCloseTo(120, within(1e-9));
    Box clipped = scaled.placement().toOriginal(new Box(-10, -10, 500, 500));
    assertThat(clipped).isEqualTo(new Box(0, 0, 333, 517));
  }
}
