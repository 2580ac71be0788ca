package io.millrace.vision.box;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class BoxTest {

  private final Box box = new Box(10, 20, 30, 40);

  @Test
  void overlapsByTheSharedPart() {
    assertThat(box.iou(box)).isEqualTo(1);
    assertThat(box.iou(new Box(25, 20, 30, 40))).isCloseTo(1 / 3.0, within(1e-12));
    assertThat(box.iou(new Box(40, 20, 30, 40))).isZero();
    assertThat(new Box(1, 1, 0, 0).iou(new Box(1, 1, 0, 0))).isZero();
  }

  @Test
  void clipsToThePicture() {
    assertThat(box.clip(20, 30)).isEqualTo(new Box(10, 20, 10, 10));
    assertThat(new Box(-5, -5, 10, 10).clip(20, 30)).isEqualTo(new Box(0, 0, 5, 5));
    assertThat(new Box(50, 5, 10, 10).clip(20, 30).area()).isZero();
  }

  @Test
  void anAreaOfItsOwnScalesWithTheBox() {
    LabelledBox masked = new LabelledBox(box, 2, true, 600);
    LabelledBox half = masked.withBox(box.transform(0.5, 3, 4));
    assertThat(half.area()).isCloseTo(150, within(1e-9));
    assertThat(half.crowd()).isTrue();
    assertThat(half.box()).isEqualTo(new Box(8, 14, 15, 20));
  }

  @Test
  void refusesWhatIsNoBox() {
    assertThatThrownBy(() -> new Box(0, 0, -1, 5)).hasMessageContaining("-1.0 x 5.0");
    assertThatThrownBy(() -> new Box(Double.NaN, 0, 1, 5)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> new Box(0, 0, Double.POSITIVE_INFINITY, 5))
        .hasMessageContaining("Inf");
    assertThatThrownBy(() -> new LabelledBox(box, -1, false)).hasMessageContaining("-1");
  }
}
