package io.millrace.vision.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.millrace.tensor.engine.TensorEngine;
import io.millrace.vision.box.Box;
import io.millrace.vision.box.Detection;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.detector.SmallDetectors;
import io.millrace.vision.picture.Picture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MtcnnTrainerTest {

  private static final int SIDE = 64;
  private static final DetectorConfig CONFIG = SmallDetectors.mtcnn(SIDE, 20, /* chained= */ true);
  private static final DetectorTrainingSettings SETTINGS =
      DetectorTrainingSettings.standard().withAugmentation(AugmentationSettings.none());

  private final TensorEngine engine = TensorEngine.start("cpu");

  /** Bright squares with a dark middle on noise. */
  private static Picture picture(List<LabelledBox> boxes, int seed) {
    Random random = new Random(seed);
    byte[] rgb = new byte[3 * SIDE * SIDE];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (90 + random.nextInt(40));
    }
    for (LabelledBox one : boxes) {
      Box box = one.box();
      for (int y = (int) box.y(); y < box.bottom(); y++) {
        for (int x = (int) box.x(); x < box.right(); x++) {
          boolean middle =
              Math.hypot(x - box.x() - box.width() / 2, y - box.y() - box.height() / 2)
                  < box.width() / 4;
          int at = 3 * (y * SIDE + x);
          Arrays.fill(rgb, at, at + 3, (byte) (middle ? 20 : 240));
        }
      }
    }
    return new Picture(SIDE, SIDE, rgb);
  }

  private static LabelledBox object(int x, int y, int side) {
    return new LabelledBox(new Box(x, y, side, side), 0, false);
  }

  private static SampleBatch batch(List<List<LabelledBox>> boxes) {
    List<Picture> pictures = new ArrayList<>();
    for (List<LabelledBox> some : boxes) {
      pictures.add(picture(some, pictures.size()));
    }
    return SampleBatch.of(pictures, boxes);
  }

  private static SampleBatch two() {
    return batch(
        List.of(List.of(object(6, 8, 20), object(38, 34, 18)), List.of(object(20, 20, 30))));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void learnsPicturesByHeart(boolean chained) {
    DetectorConfig config = SmallDetectors.mtcnn(SIDE, 20, chained);
    try (DetectorTrainer trainer = DetectorTrainer.create(engine, config, SETTINGS, 1)) {
      SampleBatch batch = two();
      double before = trainer.evaluate(batch).total();
      for (int i = 0; i < 50; i++) {
        trainer.step(batch, 3e-3);
      }
      assertThat(trainer.evaluate(batch).total()).isLessThan(before / 3);
      List<List<Detection>> found = trainer.detect(batch, 0.5, 100);
      for (int i = 0; i < batch.size(); i++) {
        List<Detection> own = found.get(i);
        for (LabelledBox truth : batch.boxes().get(i)) {
          assertThat(own).as("%s", truth).anyMatch(one -> one.box().iou(truth.box()) > 0.5);
        }
        assertThat(own).hasSizeLessThan(6).allMatch(one -> one.label().equals("object"));
      }
    }
  }

  @Test
  void goesOnBitForBit(@TempDir Path directory) throws IOException {
    Path whole = directory.resolve("whole");
    Path half = directory.resolve("half");
    Path resumed = directory.resolve("resumed");
    try (DetectorTrainer trainer = DetectorTrainer.create(engine, CONFIG, SETTINGS, 7)) {
      trainer.step(two(), 1e-3);
      trainer.save(half);
      trainer.step(two(), 1e-3);
      trainer.save(whole);
    }
    try (DetectorTrainer trainer = DetectorTrainer.restore(engine, half, SETTINGS)) {
      trainer.step(two(), 1e-3);
      trainer.save(resumed);
    }
    for (String file : List.of("config.json", "model.safetensors", "optimizer.safetensors")) {
      assertThat(resumed.resolve(file)).hasSameBinaryContentAs(whole.resolve(file));
    }
  }

  @Test
  void batchesOfAStepAreOneBatch() {
    List<LabelledBox> first = List.of(object(6, 8, 20), object(38, 34, 18));
    try (DetectorTrainer one = DetectorTrainer.create(engine, CONFIG, SETTINGS, 7);
        DetectorTrainer parts = DetectorTrainer.create(engine, CONFIG, SETTINGS, 7)) {
      DetectorStep whole = one.step(batch(List.of(first, first)), 1e-3);
      Picture other = picture(first, 1);
      DetectorStep split =
          parts.step(
              List.of(batch(List.of(first)), SampleBatch.of(List.of(other), List.of(first))), 1e-3);
      assertThat(split.losses().parts().keySet()).containsExactlyElementsOf(CONFIG.head().losses());
      for (String loss : CONFIG.head().losses()) {
        assertThat(split.losses().parts().get(loss))
            .as(loss)
            .isPositive()
            .isCloseTo(whole.losses().parts().get(loss), withinPercentage(0.01));
      }
      assertThat(split.gradientNorm()).isCloseTo(whole.gradientNorm(), withinPercentage(0.1));
    }
  }

  /** None, two thousand, and a crowd alone. */
  @Test
  void learnsFromAnyNumberOfBoxes() {
    Random random = new Random(2);
    List<LabelledBox> many = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      many.add(object(random.nextInt(SIDE - 12), random.nextInt(SIDE - 12), 3 + i % 9));
    }
    LabelledBox crowd = new LabelledBox(new Box(0, 0, SIDE, SIDE), 0, true);
    try (DetectorTrainer trainer = DetectorTrainer.create(engine, CONFIG, SETTINGS, 7)) {
      DetectorStep step = trainer.step(batch(List.of(List.of(), many)), 1e-3);
      assertThat(step.loss()).isPositive().isFinite();
      DetectorStep empty = trainer.step(batch(List.of(List.of())), 1e-3);
      assertThat(empty.losses().parts().get("o_net_box_loss")).isZero();
      assertThat(empty.losses().parts().get("o_net_score_loss")).isPositive();
      // Everything is ignored: there is nothing to learn.
      Picture plain = picture(List.of(), 3);
      DetectorStep nothing =
          trainer.step(SampleBatch.of(List.of(plain), List.of(List.of(crowd))), 1e-3);
      assertThat(nothing.loss()).isZero();
      assertThat(trainer.detect(batch(List.of(List.of())), 0.99, 50).getFirst())
          .hasSizeLessThanOrEqualTo(50);
    }
  }
}
