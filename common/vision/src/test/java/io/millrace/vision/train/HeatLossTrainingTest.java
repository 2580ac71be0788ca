package io.millrace.vision.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.loss.LossPlan;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.detector.SmallDetectors;
import io.millrace.vision.scene.SceneRenderer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Trainings whose heat maps are learned by other losses, or by one after the other. */
class HeatLossTrainingTest {

  private static final int SIDE = 96;
  private static final String MODEL = "model.safetensors";
  private static final DetectorConfig CONFIG =
      SmallDetectors.centerNet(
          SceneRenderer.classes(), SIDE, SIDE, List.of(8, 16, 24), List.of(1, 1), 16, 16, 8);

  private final TensorEngine engine = TensorEngine.start("cpu");

  @TempDir Path directory;

  private static DetectorTrainingSettings settings(String loss, long steps) {
    return DetectorTrainingSettings.standard().withLoss(LossPlan.read(loss), steps);
  }

  private DetectorTrainer fresh(DetectorTrainingSettings settings) {
    return DetectorTrainer.create(engine, CONFIG, settings, 3);
  }

  private static void learn(DetectorTrainer trainer, long from, long to) {
    for (long step = from; step < to; step++) {
      DetectorStep unused = trainer.step(SceneBatches.of(SIDE, 4 * step, 4), 1e-3);
    }
  }

  private static double heat(DetectorStep step) {
    return Objects.requireNonNull(step.losses().parts().get("heat_loss"));
  }

  private byte[] weights(DetectorTrainer trainer, String name) throws IOException {
    trainer.save(directory.resolve(name));
    return Files.readAllBytes(directory.resolve(name).resolve(MODEL));
  }

  @ParameterizedTest
  @ValueSource(strings = {"soft_f1", "dice(average=micro)", "tversky(temperature=2)"})
  void batchesTogetherAreOneBatch(String loss) {
    DetectorTrainingSettings plain =
        settings(loss, 9).withAugmentation(AugmentationSettings.none());
    DetectorStep together;
    DetectorStep apart;
    try (DetectorTrainer one = fresh(plain);
        DetectorTrainer other = fresh(plain)) {
      together = one.step(SceneBatches.of(SIDE, 0, 5), 1e-3);
      apart = other.step(List.of(SceneBatches.of(SIDE, 0, 2), SceneBatches.of(SIDE, 2, 3)), 1e-3);
    }
    double heat = heat(together);
    assertThat(heat).isBetween(0.1, 1.0);
    assertThat(heat(apart)).isCloseTo(heat, within(1e-5));
    assertThat(apart.loss()).isCloseTo(together.loss(), within(1e-4 * together.loss()));
    assertThat(apart.gradientNorm()).isCloseTo(together.gradientNorm(), withinPercentage(0.1));
  }

  @Test
  void theLossChangesOnTheWayAndResumesBitForBit() throws IOException {
    DetectorTrainingSettings changing =
        settings("focal then soft_f1(temperature=1, annealed_to=4) at 50%", 6);
    byte[] first;
    byte[] last;
    try (DetectorTrainer trainer = fresh(changing)) {
      learn(trainer, 0, 3);
      first = weights(trainer, "first");
      learn(trainer, 3, 5);
      byte[] unused = weights(trainer, "killed");
      learn(trainer, 5, 6);
      last = weights(trainer, "last");
    }
    try (DetectorTrainer resumed =
        DetectorTrainer.restore(engine, directory.resolve("killed"), changing)) {
      learn(resumed, 5, 6);
      assertThat(weights(resumed, "resumed")).isEqualTo(last);
    }
    try (DetectorTrainer focal = fresh(DetectorTrainingSettings.standard())) {
      learn(focal, 0, 3);
      assertThat(weights(focal, "focal")).isEqualTo(first);
      learn(focal, 3, 6);
      assertThat(weights(focal, "focal to the end")).isNotEqualTo(last);
    }
  }

  @Test
  void aTrainingGoesOnByItsLossAlone() throws IOException {
    try (DetectorTrainer trainer = fresh(settings("dice", 9))) {
      trainer.save(directory);
    }
    assertThatThrownBy(
            () -> DetectorTrainer.restore(engine, directory, DetectorTrainingSettings.standard()))
        .hasMessageContaining("was by the loss dice and cannot go on by focal");
  }

  @Test
  void objectsAreFoundWithItToo() {
    DetectorTrainingSettings plain =
        settings("focal then soft_f1 at 60%", 200).withAugmentation(AugmentationSettings.none());
    SampleBatch batch = SceneBatches.of(SIDE, 0, 4);
    try (DetectorTrainer trainer = fresh(plain)) {
      double early = 0;
      for (int step = 0; step < 200; step++) {
        DetectorStep made = trainer.step(batch, step < 160 ? 5e-3 : 1e-3);
        early = step == 120 ? heat(made) : early;
        if (step == 199) {
          assertThat(heat(made)).isLessThan(early / 2);
        }
      }
      SceneBatches.requireFound(trainer, batch, 0.3);
    }
  }
}
