package io.millrace.vision.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.tensor.activation.Activation;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.optimizer.NonFiniteGradientException;
import io.millrace.tensor.safetensors.SafetensorsFile;
import io.millrace.vision.box.Box;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.detector.SmallDetectors;
import io.millrace.vision.network.LayerStyle;
import io.millrace.vision.network.Norm;
import io.millrace.vision.picture.Picture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Batch normalisation in training. */
class RunningStatisticsTest {

  private static final DetectorTrainingSettings SETTINGS =
      DetectorTrainingSettings.standard().withAugmentation(AugmentationSettings.none());
  private static final String MEAN = "stem.norm.running_mean";

  private final TensorEngine engine = TensorEngine.start("cpu");

  @TempDir Path directory;

  private static DetectorConfig config(Norm norm) {
    return SmallDetectors.withLayers(
        SmallDetectors.centerNet(List.of("a"), 32, 32, List.of(4, 4, 8), List.of(1, 0), 8, 8, 4),
        new LayerStyle(Activation.RELU, norm, 4, /* bias= */ false));
  }

  private static SampleBatch batch(int seed) {
    Random random = new Random(seed);
    List<Picture> pictures = new ArrayList<>();
    List<List<LabelledBox>> boxes = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      byte[] rgb = new byte[3 * 32 * 32];
      random.nextBytes(rgb);
      pictures.add(new Picture(32, 32, rgb));
      boxes.add(List.of(new LabelledBox(new Box(2 + random.nextInt(10), 3, 9, 7), 0, false)));
    }
    return SampleBatch.of(pictures, boxes);
  }

  private float[] saved(DetectorTrainer trainer, String tensor) throws IOException {
    Path folder = directory.resolve("saved" + System.nanoTime());
    trainer.save(folder);
    try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("model.safetensors"));
        var manager = engine.newManager()) {
      return file.load(manager, tensor).toFloatArray();
    }
  }

  @Test
  void batchesMoveThemByATenth() throws IOException {
    try (DetectorTrainer trainer =
        DetectorTrainer.create(engine, config(Norm.BATCH), SETTINGS, 1)) {
      assertThat(saved(trainer, MEAN)).containsOnly(0);
      double before = trainer.evaluate(batch(7)).total();
      assertThat(saved(trainer, MEAN)).as("evaluation moves nothing").containsOnly(0);
      DetectorStep unused = trainer.step(batch(1), 0);
      float[] once = saved(trainer, MEAN);
      assertThat(once).doesNotContain(0);
      DetectorStep unused2 = trainer.step(batch(1), 0);
      float[] twice = saved(trainer, MEAN);
      for (int i = 0; i < once.length; i++) {
        // 0.1 m, then 0.9 * 0.1 m + 0.1 m: the weights have not changed.
        assertThat(twice[i]).isCloseTo(1.9f * once[i], within(1e-6f));
      }
      assertThat(trainer.evaluate(batch(7)).total()).isNotEqualTo(before);
    }
  }

  @Test
  void frozenOnesStay() throws IOException {
    try (DetectorTrainer trainer =
        DetectorTrainer.create(engine, config(Norm.FROZEN_BATCH), SETTINGS, 1)) {
      double loss = trainer.evaluate(batch(1)).total();
      assertThat(trainer.step(batch(1), 1e-2).loss()).isEqualTo(loss);
      assertThat(saved(trainer, MEAN)).containsOnly(0);
      assertThat(saved(trainer, "stem.norm.weight")).doesNotContain(1);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.5})
  void trainingGoesOnBitForBit(double emaDecay) throws IOException {
    DetectorTrainingSettings settings = SETTINGS.withEma(emaDecay);
    Path half = directory.resolve("half");
    try (DetectorTrainer whole = DetectorTrainer.create(engine, config(Norm.BATCH), settings, 1)) {
      for (int i = 0; i < 4; i++) {
        if (i == 2) {
          whole.save(half);
        }
        DetectorStep unused = whole.step(List.of(batch(2 * i), batch(2 * i + 1)), 1e-2);
      }
      try (DetectorTrainer resumed = DetectorTrainer.restore(engine, half, settings)) {
        for (int i = 2; i < 4; i++) {
          DetectorStep unused = resumed.step(List.of(batch(2 * i), batch(2 * i + 1)), 1e-2);
        }
        whole.save(directory.resolve("a"));
        resumed.save(directory.resolve("b"));
      }
    }
    assertThat(directory.resolve("b/model.safetensors"))
        .hasSameBinaryContentAs(directory.resolve("a/model.safetensors"));
    assertThat(directory.resolve("b/optimizer.safetensors"))
        .hasSameBinaryContentAs(directory.resolve("a/optimizer.safetensors"));
  }

  @Test
  void aStepThatFailsLeavesThemAsTheyWere() throws IOException {
    try (DetectorTrainer trainer =
        DetectorTrainer.create(engine, config(Norm.BATCH), SETTINGS, 1)) {
      // Weights of this size have products that no float32 holds.
      DetectorStep unused = trainer.step(batch(1), 1e30);
      float[] before = saved(trainer, MEAN);
      assertThatThrownBy(() -> trainer.step(batch(2), 1e-2))
          .isInstanceOf(NonFiniteGradientException.class);
      assertThat(saved(trainer, MEAN)).isEqualTo(before);
    }
  }
}
