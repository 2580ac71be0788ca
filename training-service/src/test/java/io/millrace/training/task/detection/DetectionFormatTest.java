package io.millrace.training.task.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.data.v1.LabelledBox;
import io.millrace.contracts.data.v1.Sample;
import io.millrace.contracts.record.CorruptRecordException;
import io.millrace.contracts.record.Samples;
import io.millrace.vision.box.Box;
import io.millrace.vision.box.Detection;
import io.millrace.vision.detector.DetectorPresets;
import io.millrace.vision.train.SampleBatch;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DetectionFormatTest {
  private final DetectionFormat format =
      new DetectionFormat(DetectorPresets.of("nano", List.of("cat", "dog"), 32, 16));

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

  /** What older streams hold has the input size already, padded: not a byte may change. */
  @Test
  void takesAPictureOfTheInputSizeAsItIs() {
    Sample old = sample(0, 32, 16, box(1, 2, 3, 4, 1)).toBuilder().setScale(0.25f).build();

    SampleBatch batch = format.assemble(List.of(format.parse(old.toByteArray())));

    byte[] pixels = new byte[3 * 32 * 16];
    batch.rgb().get(0, pixels);
    assertThat(pixels).isEqualTo(Samples.rgb(old));
    assertThat(batch.boxes().getFirst().getFirst().box()).isEqualTo(new Box(1, 2, 3, 4));
  }

  /** 64 x 20 into 32 x 16: half as large, with 6 rows of padding. */
  @Test
  void bringsAPictureOfAnySizeToTheInputSize() {
    LabelledBox wide = box(40, 4, 20, 8, 1).toBuilder().setArea(80).build();
    SampleBatch batch =
        format.assemble(List.of(format.parse(sample(0, 64, 20, wide).toByteArray())));

    assertThat(batch.rgb().remaining()).isEqualTo(3 * 32 * 16);
    assertThat(batch.rgb().get(0)).isEqualTo((byte) 1);
    assertThat(batch.rgb().get(3 * 32 * 10)).isEqualTo((byte) 128);
    assertThat(batch.boxes().getFirst().getFirst())
        .isEqualTo(new io.millrace.vision.box.LabelledBox(new Box(20, 2, 10, 4), 1, false, 20));
    assertThat(batch.truth(0).getFirst())
        .isEqualTo(new io.millrace.vision.box.LabelledBox(new Box(40, 4, 20, 8), 1, false, 80));
  }

  /** COCO sorts boxes into sizes by the picture's own pixels, not by those of the network. */
  @Test
  void evaluatesInPixelsOfThePictureAsItCame() {
    Sample scaled = sample(0, 64, 20, box(40, 4, 20, 8, 1)).toBuilder().setScale(0.5f).build();

    SampleBatch batch = format.assemble(List.of(scaled));

    assertThat(batch.truth(0).getFirst().box()).isEqualTo(new Box(80, 8, 40, 16));
    assertThat(batch.truth(0).getFirst().area()).isEqualTo(640);
    Detection found = new Detection(new Box(20, 2, 100, 4), 1, "dog", 0.5);
    Detection padding = new Detection(new Box(2, 12, 4, 4), 1, "dog", 0.5);
    assertThat(batch.inOwnPixels(0, List.of(found, padding)))
        .containsExactly(new Detection(new Box(80, 8, 48, 16), 1, "dog", 0.5));
  }

  @Test
  void refusesAScaleThatIsNone() {
    byte[] record = sample(0, 32, 16).toBuilder().setScale(0).build().toByteArray();
    assertThatThrownBy(() -> format.parse(record))
        .isInstanceOf(CorruptRecordException.class)
        .hasMessageContaining("a picture scaled by 0.0");
  }

  @ParameterizedTest
  @CsvSource({
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
