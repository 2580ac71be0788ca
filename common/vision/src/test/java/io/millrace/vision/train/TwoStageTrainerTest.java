package io.millrace.vision.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.millrace.tensor.engine.TensorEngine;
import io.millrace.vision.box.Box;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.detector.SmallDetectors;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.scene.SceneRenderer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TwoStageTrainerTest {

  private static final DetectorConfig CONFIG =
      SmallDetectors.twoStage(SceneRenderer.classes(), 96, 96, 16, /* agnostic= */ false);
  private static final DetectorTrainingSettings SETTINGS = DetectorTrainingSettings.standard();

  private final TensorEngine engine = TensorEngine.start("cpu");

  private static SampleBatch batch(long first, int size) {
    return SceneBatches.of(96, first, size);
  }

  @Test
  void learnsScenesByHeart() {
    DetectorTrainingSettings plain = SETTINGS.withAugmentation(AugmentationSettings.none());
    try (DetectorTrainer trainer = DetectorTrainer.create(engine, CONFIG, plain, 1)) {
      SampleBatch batch = batch(0, 2);
      double before = trainer.evaluate(batch).total();
      for (int i = 0; i < 150; i++) {
        trainer.step(batch, 3e-3);
      }
      assertThat(trainer.evaluate(batch).total()).isLessThan(before / 5);
      SceneBatches.requireFound(trainer, batch, 0.5);
    }
  }

  /** What is sampled follows from the training's seed, the step and the picture. */
  @Test
  void goesOnBitForBit(@TempDir Path directory) throws IOException {
    Path whole = directory.resolve("whole");
    Path half = directory.resolve("half");
    Path resumed = directory.resolve("resumed");
    try (DetectorTrainer trainer = DetectorTrainer.create(engine, CONFIG, SETTINGS, 7)) {
      for (int i = 0; i < 4; i++) {
        if (i == 2) {
          trainer.save(half);
        }
        trainer.step(batch(2 * i, 2), 1e-3);
      }
      trainer.save(whole);
    }
    try (DetectorTrainer trainer = DetectorTrainer.restore(engine, half, SETTINGS)) {
      for (int i = 2; i < 4; i++) {
        trainer.step(batch(2 * i, 2), 1e-3);
      }
      trainer.save(resumed);
    }
    for (String file : List.of("config.json", "model.safetensors", "optimizer.safetensors")) {
      assertThat(resumed.resolve(file)).hasSameBinaryContentAs(whole.resolve(file));
    }
  }

  @Test
  void batchesOfAStepAreOneBatch() {
    try (DetectorTrainer one = DetectorTrainer.create(engine, CONFIG, SETTINGS, 7);
        DetectorTrainer three = DetectorTrainer.create(engine, CONFIG, SETTINGS, 7)) {
      DetectorStep whole = one.step(batch(0, 4), 1e-3);
      DetectorStep parts = three.step(List.of(batch(0, 1), batch(1, 2), batch(3, 1)), 1e-3);
      for (String loss : CONFIG.head().losses()) {
        assertThat(parts.losses().parts().get(loss))
            .as(loss)
            .isCloseTo(whole.losses().parts().get(loss), withinPercentage(0.01));
      }
      assertThat(parts.gradientNorm()).isCloseTo(whole.gradientNorm(), withinPercentage(0.1));
    }
  }

  @Test
  void otherSeedsSampleOtherAnchors() {
    DetectorTrainingSettings plain = SETTINGS.withAugmentation(AugmentationSettings.none());
    try (DetectorTrainer trainer = DetectorTrainer.create(engine, CONFIG, plain, 7)) {
      // A rate of 0 leaves the weights as they are; the step alone is another one.
      double first = trainer.step(batch(0, 2), 0).loss();
      assertThat(trainer.step(batch(0, 2), 0).loss()).isNotEqualTo(first);
      assertThat(trainer.evaluate(batch(0, 2))).isEqualTo(trainer.evaluate(batch(0, 2)));
    }
  }

  /** None, one and two thousand boxes, and crowds alone. */
  @Test
  void learnsFromAnyNumberOfBoxes() {
    Random random = new Random(2);
    List<LabelledBox> many = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      Box box = new Box(80 * random.nextDouble(), 80 * random.nextDouble(), 3 + i % 13, 4 + i % 9);
      many.add(new LabelledBox(box, i % 2, false));
    }
    Picture picture = new SceneRenderer(96, 96, 5).render(0).picture();
    LabelledBox crowd = new LabelledBox(new Box(0, 0, 96, 96), 0, true);
    try (DetectorTrainer trainer = DetectorTrainer.create(engine, CONFIG, SETTINGS, 7)) {
      List<Picture> pictures = List.of(picture, picture, picture, picture);
      List<List<LabelledBox>> boxes =
          List.of(List.of(), List.of(many.getFirst()), many, List.of(crowd));
      DetectorStep step = trainer.step(SampleBatch.of(pictures, boxes), 1e-3);
      assertThat(step.loss()).isPositive().isFinite();
      assertThat(step.losses().parts().values()).allMatch(value -> value > 0);
      DetectorStep empty = trainer.step(SampleBatch.of(List.of(picture), List.of(List.of())), 1e-3);
      assertThat(empty.losses().parts().get("box_loss")).isZero();
      assertThat(empty.losses().parts().get("class_loss")).isPositive();
      assertThat(
              trainer
                  .detect(SampleBatch.of(List.of(picture), List.of(List.of())), 0, 50)
                  .getFirst())
          .hasSizeBetween(1, 50);
    }
  }
}
