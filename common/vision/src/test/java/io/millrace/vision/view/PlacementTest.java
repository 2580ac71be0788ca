package io.millrace.vision.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.vision.box.Box;
import io.millrace.vision.box.Detection;
import io.millrace.vision.picture.Picture;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlacementTest {

  private final Placement placement = new Placement(0.5, 10, 20, 200, 100);

  @Test
  void mapsThereAndBack() {
    Box there = placement.fromOriginal(new Box(40, 20, 60, 30));
    assertThat(there).isEqualTo(new Box(30, 30, 30, 15));
    assertThat(placement.toOriginal(there)).isEqualTo(new Box(40, 20, 60, 30));
    assertThat(placement.toOriginal(new Box(0, 0, 1000, 1000))).isEqualTo(new Box(0, 0, 200, 100));
  }

  @Test
  void countsAnEarlierScaleIn() {
    Placement whole = placement.after(0.25);
    assertThat(whole.width()).isEqualTo(800);
    assertThat(whole.height()).isEqualTo(400);
    assertThat(whole.toOriginal(new Box(30, 30, 30, 15))).isEqualTo(new Box(160, 80, 240, 120));
  }

  @Test
  void leavesOutWhatLiesInThePadding() {
    Detection inside = new Detection(new Box(30, 30, 30, 15), 0, "cat", 0.9);
    Detection padding = new Detection(new Box(0, 0, 8, 8), 0, "cat", 0.8);
    assertThat(placement.inOwnPixels(List.of(inside, padding)))
        .containsExactly(new Detection(new Box(40, 20, 60, 30), 0, "cat", 0.9));
  }

  @ParameterizedTest
  @CsvSource({"0, 0, 1", "-1, 0, 1", "Infinity, 0, 1", "NaN, 0, 1", "1, NaN, 1", "1, 0, 0"})
  void refusesWhatIsNowhere(double scale, double shift, double width) {
    assertThatThrownBy(() -> new Placement(scale, shift, 0, width, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** A view may be asked for its size before it is asked to show anything. */
  @Test
  void aLetterboxTellsItsSize() {
    View view = new Letterbox(64, 32);
    Shown shown = view.show(Picture.filled(10, 10, 1, 2, 3));
    assertThat(shown.picture().width()).isEqualTo(view.width());
    assertThat(shown.picture().height()).isEqualTo(view.height());
    assertThat(shown.placement()).isEqualTo(new Placement(3.2, 0, 0, 10, 10));
    assertThatThrownBy(() -> new Letterbox(0, 32)).hasMessageContaining("0 x 32");
  }
}
