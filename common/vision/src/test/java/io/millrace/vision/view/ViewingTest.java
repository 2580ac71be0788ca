package io.millrace.vision.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.vision.box.Box;
import io.millrace.vision.box.Detection;
import io.millrace.vision.box.SizeRange;
import io.millrace.vision.picture.Picture;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ViewingTest {

  private static final SizeRange SMALL = new SizeRange(0, 20);
  private static final SizeRange LARGE = new SizeRange(10, Double.POSITIVE_INFINITY);

  @Test
  void onePictureIsOneLook() {
    assertThat(new Whole().looks(500, 300, 64, 32))
        .containsExactly(new Look(new Letterbox(64, 32), SizeRange.ALL));
  }

  /** 100 pixels by windows of 40 that share 10: at 0, 30, 60. The last row of 70 ends at 70. */
  @Test
  void slicesEndWhereThePictureDoes() {
    List<Look> looks = new Slices(40, 0.25).looks(100, 70, 40, 40);

    assertThat(looks.getFirst().view()).isEqualTo(new Letterbox(40, 40));
    assertThat(looks.subList(1, looks.size()))
        .extracting(Look::view)
        .containsExactly(
            new Window(0, 0, 1, 40, 40),
            new Window(30, 0, 1, 40, 40),
            new Window(60, 0, 1, 40, 40),
            new Window(0, 30, 1, 40, 40),
            new Window(30, 30, 1, 40, 40),
            new Window(60, 30, 1, 40, 40));
    assertThat(new Slices(40, 0.25).looks(90, 41, 40, 40))
        .extracting(Look::view)
        .contains(new Window(50, 1, 1, 40, 40));
  }

  @Test
  void aPictureOfOneSliceIsSeenOnce() {
    assertThat(new Slices(64, 0.2).looks(64, 64, 32, 32)).hasSize(1);
    assertThat(new Slices(64, 0.2).looks(65, 64, 32, 32)).hasSize(3);
  }

  /** Every pixel is in some window, and no window reaches beyond a picture that is large enough. */
  @ParameterizedTest
  @CsvSource({
    "1000,700,96,64,96,0.2",
    "333,517,64,64,50,0.9",
    "97,31,32,16,31,0",
    "65,2,8,8,3,0.5"
  })
  void slicesCoverEveryPixel(
      int width, int height, int inputWidth, int inputHeight, int size, double overlap) {
    Slices slices = new Slices(size, overlap);
    List<Look> looks = slices.looks(width, height, inputWidth, inputHeight);
    boolean[] covered = new boolean[width * height];
    for (Look look : looks) {
      if (look.view() instanceof Window window) {
        int right = window.left() + Window.own(window.width(), window.scale());
        int bottom = window.top() + Window.own(window.height(), window.scale());
        assertThat(right <= width || window.left() == 0).isTrue();
        assertThat(bottom <= height || window.top() == 0).isTrue();
        for (int y = window.top(); y < Math.min(bottom, height); y++) {
          java.util.Arrays.fill(
              covered, y * width + window.left(), y * width + Math.min(right, width), true);
        }
      }
    }
    assertThat(covered).doesNotContain(false);
    assertThat(looks).hasSize((int) slices.count(width, height, inputWidth, inputHeight));
  }

  /** At half the size one window shows the whole picture, at twice the size nine do. */
  @Test
  void aPyramidSeesEveryScale() {
    Pyramid pyramid =
        new Pyramid(List.of(new Pyramid.Level(0.5, LARGE), new Pyramid.Level(2, SMALL)));
    List<Look> looks = pyramid.looks(100, 100, 50, 50);

    assertThat(looks.getFirst()).isEqualTo(new Look(new Window(0, 0, 0.25, 50, 50), LARGE));
    // Windows of 50 own pixels at 0, 37 and 50.
    assertThat(looks).hasSize(10).contains(new Look(new Window(37, 50, 1, 50, 50), SMALL));
    assertThat(looks.subList(1, 10)).extracting(Look::valid).containsOnly(SMALL);
    assertThat(pyramid.count(100, 100, 50, 50)).isEqualTo(10);
    assertThat(new Pyramid(List.of(new Pyramid.Level(1, SizeRange.ALL))).looks(123, 77, 50, 60))
        .as("the whole picture")
        .hasSize(1);
  }

  /** Shown at full resolution it has the picture's own pixels. */
  @Test
  void aWindowShowsAPartOfThePicture() {
    Picture picture = noise(50, 40);

    Shown shown = new Window(20, 10, 1, 32, 16).show(picture);

    assertThat(shown.picture().get(0, 0, 1)).isEqualTo(picture.get(20, 10, 1));
    assertThat(shown.picture().get(29, 15, 2)).isEqualTo(picture.get(49, 25, 2));
    assertThat(shown.picture().get(30, 0, 0)).as("padding").isEqualTo(128);
    assertThat(shown.placement().toOriginal(new Box(1, 2, 3, 4))).isEqualTo(new Box(21, 12, 3, 4));
    assertThatThrownBy(() -> new Window(50, 0, 1, 8, 8).show(picture))
        .hasMessageContaining("no part of Picture[50 x 40]");
  }

  @Test
  void aWindowShrinksAndEnlarges() {
    Picture picture = Picture.filled(60, 60, 10, 20, 30);

    Shown large = new Window(20, 30, 2, 40, 40).show(picture);
    Shown small = new Window(20, 30, 0.5, 40, 40).show(picture);

    assertThat(large.picture().get(39, 39, 2)).isEqualTo(30);
    assertThat(small.picture().get(19, 14, 2)).isEqualTo(30);
    assertThat(small.picture().get(20, 0, 2)).as("beyond the picture").isEqualTo(128);
    for (Shown shown : List.of(large, small)) {
      Box there = shown.placement().fromOriginal(new Box(24, 32, 10, 6));
      assertThat(shown.placement().toOriginal(there).x()).isCloseTo(24, within(1e-9));
      assertThat(shown.placement().toOriginal(there).height()).isCloseTo(6, within(1e-9));
    }
    assertThat(large.placement().fromOriginal(new Box(20, 30, 5, 5)))
        .isEqualTo(new Box(0, 0, 10, 10));
  }

  /** Sizes count in the picture's own pixels, whatever a network sees. */
  @Test
  void aLookKeepsWhatItIsGoodFor() {
    Detection twenty = new Detection(new Box(0, 0, 20, 20), 0, "a", 0.9);
    Detection wide = new Detection(new Box(0, 0, 80, 10), 0, "a", 0.8);
    Placement halved = new Placement(0.5, 0, 0, 400, 400);
    View any = new Letterbox(8, 8);

    assertThat(new Look(any, new SizeRange(0, 40)).valid(halved, List.of(twenty, wide)))
        .extracting(Detection::box)
        .containsExactly(new Box(0, 0, 40, 40));
    assertThat(new Look(any, new SizeRange(50, 60)).valid(halved, List.of(twenty, wide)))
        .extracting(Detection::box)
        .containsExactly(new Box(0, 0, 160, 20));
  }

  @Test
  void bothEndsOfARangeBelongToIt() {
    assertThat(SMALL.contains(new Box(0, 0, 10, 40))).isTrue();
    assertThat(SMALL.contains(new Box(0, 0, 10, 40.1))).isFalse();
    assertThat(LARGE.contains(new Box(0, 0, 2, 50))).isTrue();
    assertThat(LARGE.contains(new Box(0, 0, 2, 49))).isFalse();
    assertThat(SizeRange.ALL.contains(new Box(0, 0, 0, 0))).isTrue();
  }

  @Test
  void theRangesOfScalesMeet() {
    assertThat(Pyramid.parse("2:0-40,1:20-120,0.5:80-").levels()).hasSize(3);
    assertThat(Pyramid.parse("1:60-").levels().getFirst().valid().contains(59)).isFalse();
    assertThat(Pyramid.parse("2:5-40,1:40-90").levels()).hasSize(2);
    assertThatThrownBy(() -> Pyramid.parse("0.5:80-,2:0-40"))
        .hasMessage(
            "objects of sizes from 40.0 to 80.0 belong to none of the scales: let their ranges meet");
  }

  @Test
  void refusesSenselessNumbers() {
    assertThatThrownBy(() -> new Slices(0, 0.2)).hasMessageContaining("at least 1 pixel");
    assertThatThrownBy(() -> new Slices(10, 1)).hasMessageContaining("0 to 0.9");
    assertThatThrownBy(() -> new SizeRange(3, 2)).hasMessageContaining("3.0 to 2.0");
    assertThatThrownBy(() -> new Pyramid(List.of())).hasMessageContaining("at least one level");
    assertThatThrownBy(() -> new Pyramid.Level(0, SizeRange.ALL)).hasMessageContaining("above 0");
    assertThatThrownBy(() -> new Window(0, 0, -1, 8, 8)).hasMessageContaining("-1.0");
    assertThatThrownBy(() -> new Window(0, -2, 1, 8, 8)).hasMessageContaining("-2");
  }

  private static Picture noise(int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    new Random(1).nextBytes(rgb);
    return new Picture(width, height, rgb);
  }
}
