package io.millrace.training.task.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.data.v1.LabelledBox;
import io.millrace.contracts.data.v1.Sample;
import io.millrace.contracts.record.CorruptRecordException;
import io.millrace.contracts.record.Samples;
import io.millrace.vision.box.Box;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.train.SampleBatch;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DetectionFormatTest {
  private final DetectionFormat format =
      new DetectionFormat(DetectorConfig.preset("nano", List.of("cat", "dog"), 32, 16));

  @Test
  void putsPicturesTogether() {
    Sample first = sample(0, 32, 16, box(1, 2, 3, 4, 1));
    Sample second = sample(1, 32, 16);

    SampleBatch batch = format.assemble(List.of(format.parse(first.toByteArray()), second));

    assertThat(batch.size()).isEqualTo(2);
    assertThat(batch.rgb().get(0)).isEqualTo((byte) 1);
    assertThat(batch.rgb().get(3 * 32 * 16)).isEqualTo((byte) 2);
    assertThat(batch.boxes().get(0))
        .containsExactly(
            new io.millrace.vision.box.LabelledBox(new Box(1, 2, 3, 4), 1, /* crowd= */ false));
    assertThat(batch.boxes().get(1)).isEmpty();
  }

  @Test
  void takesTheAreaThatARecordTells() {
    LabelledBox box = box(1, 2, 3, 4, 1).toBuilder().setArea(7.5f).build();

    SampleBatch batch = format.assemble(List.of(sample(0, 32, 16, box)));

    assertThat(batch.boxes().getFirst().getFirst().area()).isEqualTo(7.5);
  }

  @ParameterizedTest
  @CsvSource({
    "16, 16, 1, 1, 2, 2, 0, a picture of 16 x 16 pixels",
    "32, 16, 1, 1, 2, 2, 2, a box of class 2 of 2",
    "32, 16, 40, 1, 2, 2, 0, centre is outside of the picture",
    "32, 16, 1, 1, -2, 2, 0, a box cannot be -2.0 x 2.0",
    "32, 16, NaN, 1, 2, 2, 0, a box cannot start at NaN",
  })
  void refusesWhatTheModelCannotLearn(
      int width, int height, float x, float y, float w, float h, int index, String message) {
    byte[] record = sample(0, width, height, box(x, y, w, h, index)).toByteArray();

    assertThatThrownBy(() -> format.parse(record))
        .isInstanceOf(CorruptRecordException.class)
        .hasMessageContaining(message);
  }

  @Test
  void doesNotMirrorCharacters() {
    assertThat(DetectionTask.settings(List.of("cat", "dog")).augmentation().flip()).isEqualTo(0.5);
    assertThat(DetectionTask.settings(List.of("circle", "R")).augmentation().flip()).isZero();
  }

  private static LabelledBox box(float x, float y, float width, float height, int index) {
    return LabelledBox.newBuilder()
        .setX(x)
        .setY(y)
        .setWidth(width)
        .setHeight(height)
        .setClassIndex(index)
        .build();
  }

  private static Sample sample(int number, int width, int height, LabelledBox... boxes) {
    byte[] rgb = new byte[3 * width * height];
    java.util.Arrays.fill(rgb, (byte) (number + 1));
    return Samples.of("p", number, "d" + number, width, height, rgb, 1f, List.of(boxes));
  }
}
