package io.millrace.vision.picture;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResamplingTest {

  @ParameterizedTest
  @CsvSource({
    "640, 480, 640, 640, 480",
    "639, 10, 640, 639, 10",
    "1280, 960, 640, 640, 480",
    "30, 4000, 400, 3, 400",
    "4000, 1, 400, 400, 1",
    "1, 1, 640, 1, 1",
  })
  void keepsTheLongerSideWithinALimit(int width, int height, int limit, int scaled, int rows) {
    Picture original = Picture.filled(width, height, 50, 60, 70);

    Picture within = Resampling.within(original, limit);

    assertThat(within).isEqualTo(Picture.filled(scaled, rows, 50, 60, 70));
  }

  @Test
  void doesNotTouchASmallPicture() {
    Picture original = Picture.filled(20, 10, 1, 2, 3);
    assertThat(Resampling.within(original, 20)).isSameAs(original);
    assertThat(Resampling.scaleWithin(original, 20)).isEqualTo(1);
    assertThat(Resampling.scaleWithin(original, 5)).isEqualTo(0.25);
  }
}
