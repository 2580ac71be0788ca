package io.millrace.vision.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.millrace.tensor.engine.TensorEngine;
import io.millrace.vision.box.Detection;
import io.millrace.vision.box.SizeRange;
import io.millrace.vision.detector.Detector;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.detector.SmallDetectors;
import io.millrace.vision.network.ResidualBackbone;
import io.millrace.vision.network.TridentBackbone;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.scene.SceneRenderer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TridentTrainingTest {

  private static final DetectorConfig PLAIN =
      SmallDetectors.centerNet(
          SceneRenderer.classes(), 88, 88, List.of(8, 8, 16), List.of(0, 1), 16, 16, 8);
  private static final DetectorConfig TRIDENT =
      SmallDetectors.trident(
          PLAIN,
          2,
          List.of(
              new SizeRange(0, 20),
              new SizeRange(12, 30),
              new SizeRange(20, Double.POSITIVE_INFINITY)));
  private static final DetectorTrainingSettings SETTINGS = DetectorTrainingSettings.standard();

  private final TensorEngine engine = TensorEngine.start("cpu");

  private static DetectorConfig branches(boolean fast, Integer... dilations) {
    return SmallDetectors.withBackbone(
        PLAIN,
        new TridentBackbone(
            (ResidualBackbone) PLAIN.backbone(),
            2,
            List.of(dilations),
            /* shared= */ true,
            List.of(),
            fast));
  }

  private static SampleBatch batch(long first, int size) {
    return SceneBatches.of(88, first, size);
  }

  @Test
  void oneBranchWithoutDilationIsThePlainDetector() {
    try (DetectorTrainer plain = DetectorTrainer.create(engine, PLAIN, SETTINGS, 7);
        DetectorTrainer branched =
            DetectorTrainer.create(engine, branches(false, 1), SETTINGS, 7)) {
      for (int step = 0; step < 2; step++) {
        assertThat(branched.step(batch(2 * step, 2), 1e-3))
            .isEqualTo(plain.step(batch(2 * step, 2), 1e-3));
      }
      assertThat(branched.detect(batch(9, 2), 0, 5)).isEqualTo(plain.detect(batch(9, 2), 0, 5));
    }
  }

  /** Losses are means over the objects and cells of all branches. */
  @Test
  void withoutRangesALossIsTheMeanOfTheBranches() {
    SampleBatch batch = batch(3, 3);
    try (DetectorTrainer all =
        DetectorTrainer.create(engine, branches(false, 1, 2, 3), SETTINGS, 7)) {
      double sum = 0;
      for (int dilation = 1; dilation <= 3; dilation++) {
        try (DetectorTrainer one =
            DetectorTrainer.create(engine, branches(false, dilation), SETTINGS, 7)) {
          sum += one.evaluate(batch).total();
        }
      }
      assertThat(all.evaluate(batch).total()).isCloseTo(sum / 3, withinPercentage(0.01));
      assertThat(all.step(batch, 1e-3).objects())
          .isEqualTo(batch.boxes().stream().mapToInt(List::size).sum());
    }
  }

  /** A branch that no object belongs to learns nothing from objects, and they are no background. */
  @Test
  void objectsOutOfAllRangesButOneAreLearnedByThatOneAlone() {
    DetectorConfig last =
        SmallDetectors.trident(
            PLAIN,
            2,
            List.of(
                new SizeRange(0, 1),
                new SizeRange(0, 1),
                new SizeRange(1, Double.POSITIVE_INFINITY)));
    SampleBatch batch = batch(3, 3);
    try (DetectorTrainer all = DetectorTrainer.create(engine, last, SETTINGS, 7);
        DetectorTrainer one = DetectorTrainer.create(engine, branches(false, 3), SETTINGS, 7)) {
      // Offsets and sizes are learned at objects alone.
      assertThat(all.evaluate(batch).parts().get("size_loss"))
          .isEqualTo(one.evaluate(batch).parts().get("size_loss"));
    }
  }

  @Test
  void fastDetectsWithTheMiddleBranchAlone() {
    try (DetectorTrainer fast =
            DetectorTrainer.create(engine, branches(true, 1, 2, 3), SETTINGS, 7);
        DetectorTrainer middle = DetectorTrainer.create(engine, branches(false, 2), SETTINGS, 7);
        DetectorTrainer all =
            DetectorTrainer.create(engine, branches(false, 1, 2, 3), SETTINGS, 7)) {
      SampleBatch batch = batch(3, 3);
      assertThat(fast.detect(batch, 0, 9)).isEqualTo(middle.detect(batch, 0, 9));
      assertThat(fast.evaluate(batch)).isEqualTo(all.evaluate(batch));
      assertThat(all.detect(batch, 0, 9)).isNotEqualTo(middle.detect(batch, 0, 9));
    }
  }

  @Test
  void goesOnBitForBitAndServes(@TempDir Path directory) throws IOException {
    Path whole = directory.resolve("whole");
    Path half = directory.resolve("half");
    Path resumed = directory.resolve("resumed");
    DetectorTrainingSettings settings = SETTINGS.withEma(0.5);
    try (DetectorTrainer trainer = DetectorTrainer.create(engine, TRIDENT, settings, 7)) {
      for (int i = 0; i < 4; i++) {
        if (i == 2) {
          trainer.save(half);
        }
        trainer.step(batch(4 * i, 4), 1e-3);
      }
      trainer.save(whole);
      SampleBatch shown = batch(50, 2);
      List<List<Detection>> expected = trainer.detect(shown, 0.05, 20);
      try (Detector detector = Detector.load(engine, whole)) {
        assertThat(detector.config()).isEqualTo(TRIDENT);
        Picture picture = new SceneRenderer(88, 88, 5).render(50).picture();
        assertThat(detector.detect(picture, 0.05, 20))
            .extracting(Detection::score)
            .containsExactlyElementsOf(expected.getFirst().stream().map(Detection::score).toList());
      }
    }
    try (DetectorTrainer trainer = DetectorTrainer.restore(engine, half, settings)) {
      for (int i = 2; i < 4; i++) {
        trainer.step(batch(4 * i, 4), 1e-3);
      }
      trainer.save(resumed);
    }
    for (String file : List.of("model.safetensors", "raw.safetensors", "optimizer.safetensors")) {
      assertThat(resumed.resolve(file)).hasSameBinaryContentAs(whole.resolve(file));
    }
    String json = Files.readString(whole.resolve("config.json"));
    Files.writeString(whole.resolve("config.json"), json.replace("null", "25"));
    assertThatThrownBy(() -> Detector.load(engine, whole))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("config.json")
        .hasMessageContaining("from 30.0 to Infinity belong to no branch");
  }

  @Test
  void batchesOfAStepAreOneBatch() {
    try (DetectorTrainer one = DetectorTrainer.create(engine, TRIDENT, SETTINGS, 7);
        DetectorTrainer three = DetectorTrainer.create(engine, TRIDENT, SETTINGS, 7)) {
      DetectorStep whole = one.step(batch(0, 6), 1e-3);
      DetectorStep parts = three.step(List.of(batch(0, 2), batch(2, 3), batch(5, 1)), 1e-3);
      assertThat(parts.objects()).isEqualTo(whole.objects()).isPositive();
      assertThat(parts.loss()).isCloseTo(whole.loss(), withinPercentage(0.01));
      assertThat(parts.gradientNorm()).isCloseTo(whole.gradientNorm(), withinPercentage(0.1));
    }
  }
}
