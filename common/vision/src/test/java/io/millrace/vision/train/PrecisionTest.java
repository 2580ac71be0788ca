package io.millrace.vision.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.safetensors.SafetensorsFile;
import io.millrace.vision.detector.Detector;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.detector.SmallDetectors;
import io.millrace.vision.scene.SceneRenderer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrecisionTest {

  private static final DetectorConfig CONFIG =
      SmallDetectors.centerNet(
          SceneRenderer.classes(), 96, 96, List.of(8, 16, 24), List.of(1, 1), 16, 16, 8);
  private static final DetectorTrainingSettings EXACT = DetectorTrainingSettings.standard();
  private static final DetectorTrainingSettings ROUNDED = EXACT.withPrecision(Precision.BF16);

  private final TensorEngine engine = TensorEngine.start("cpu");

  @TempDir Path directory;

  @Test
  void hasNames() {
    assertThat(Precision.of("bf16")).isEqualTo(Precision.BF16);
    assertThat(Precision.F32.key()).isEqualTo("f32");
    assertThatThrownBy(() -> Precision.of("fp8"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("precision of a detector must be one of f32, bf16; it is 'fp8'");
  }

  @Test
  void isRefusedWhereAHeadMultipliesByItself() {
    DetectorConfig mtcnn = SmallDetectors.mtcnn(64, 20);
    Precision.F32.requireCovers(mtcnn);
    assertThatThrownBy(() -> DetectorTrainer.create(engine, mtcnn, ROUNDED, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot be trained in bf16")
        .hasMessageContaining("train it in f32");
  }

  @Test
  void goesOnBitForBitInBfloat16() throws IOException {
    Path half = directory.resolve("half");
    Path whole = directory.resolve("whole");
    Path resumed = directory.resolve("resumed");
    DetectorTrainingSettings settings = ROUNDED.withEma(0.5);
    try (DetectorTrainer trainer = DetectorTrainer.create(engine, CONFIG, settings, 7)) {
      for (int i = 0; i < 4; i++) {
        if (i == 2) {
          trainer.save(half);
        }
        steps(trainer, i);
      }
      trainer.save(whole);
    }
    try (DetectorTrainer trainer = DetectorTrainer.restore(engine, half, settings)) {
      steps(trainer, 2);
      steps(trainer, 3);
      trainer.save(resumed);
    }
    for (String file : List.of("model.safetensors", "raw.safetensors", "optimizer.safetensors")) {
      assertThat(resumed.resolve(file)).hasSameBinaryContentAs(whole.resolve(file));
    }
    try (SafetensorsFile weights = SafetensorsFile.open(whole.resolve("raw.safetensors"));
        var manager = engine.newManager()) {
      float[] values = weights.load(manager, "head.heat.weight").toFloatArray();
      assertThat(rounded(values)).as("of float32 masters").isLessThan(values.length / 10);
    }
    try (Detector detector = Detector.load(engine, whole)) {
      assertThat(detector.detect(new SceneRenderer(96, 96, 5).render(0).picture(), 0, 5))
          .isNotEmpty();
    }
  }

  /** How many are numbers of bfloat16. */
  private static int rounded(float[] values) {
    int count = 0;
    for (float value : values) {
      count += (Float.floatToRawIntBits(value) & 0xffff) == 0 ? 1 : 0;
    }
    return count;
  }

  private static void steps(DetectorTrainer trainer, int i) {
    DetectorStep unused =
        trainer.step(
            List.of(SceneBatches.of(96, 4L * i, 2), SceneBatches.of(96, 4L * i + 2, 2)), 1e-3);
  }

  @Test
  void aTrainingGoesOnInThePrecisionItBeganIn() throws IOException {
    try (DetectorTrainer trainer = DetectorTrainer.create(engine, CONFIG, EXACT, 7)) {
      trainer.save(directory);
    }
    assertThatThrownBy(() -> DetectorTrainer.restore(engine, directory, ROUNDED))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("was in precision f32 and cannot go on in bf16");
  }
}
