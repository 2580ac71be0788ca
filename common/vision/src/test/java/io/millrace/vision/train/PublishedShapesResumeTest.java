package io.millrace.vision.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.tensor.engine.TensorEngine;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.detector.DetectorPresets;
import io.millrace.vision.scene.SceneRenderer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Presets of published size, on small pictures: what is saved on the way goes on bit for bit. */
class PublishedShapesResumeTest {

  private static final int SIDE = 128;
  private static final double RATE = 1e-4;
  private static final DetectorTrainingSettings SETTINGS = DetectorTrainingSettings.standard();

  private final TensorEngine engine = TensorEngine.start("cpu");

  private static SampleBatch batch(long step) {
    return SceneBatches.of(SIDE, step, 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"fcos-r50-fpn", "faster-rcnn-r50-fpn", "trident-r50"})
  void goesOnBitForBit(String preset, @TempDir Path directory) throws IOException {
    DetectorConfig config = DetectorPresets.of(preset, SceneRenderer.classes(), SIDE, SIDE);
    Path half = directory.resolve("half");
    Path whole = directory.resolve("whole");
    Path resumed = directory.resolve("resumed");
    try (DetectorTrainer trainer = DetectorTrainer.create(engine, config, SETTINGS, 7)) {
      DetectorStep first = trainer.step(batch(0), RATE);
      trainer.save(half);
      DetectorStep second = trainer.step(batch(1), RATE);
      assertThat(second.loss()).isFinite().isNotEqualTo(first.loss());
      trainer.save(whole);
    }
    try (DetectorTrainer trainer = DetectorTrainer.restore(engine, half, SETTINGS)) {
      assertThat(trainer.steps()).isEqualTo(1);
      DetectorStep unused = trainer.step(batch(1), RATE);
      trainer.save(resumed);
    }
    for (String file : List.of("config.json", "model.safetensors", "optimizer.safetensors")) {
      // AssertJ's own comparison goes byte by byte, for longer than the steps take.
      assertThat(Files.mismatch(resumed.resolve(file), whole.resolve(file))).as(file).isEqualTo(-1);
    }
  }
}
