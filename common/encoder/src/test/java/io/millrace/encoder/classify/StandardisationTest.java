package io.millrace.encoder.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.safetensors.SafetensorsFile;
import io.millrace.tensor.train.TrainingFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StandardisationTest {

  private final TensorEngine engine = TensorEngine.start("cpu");
  @TempDir Path directory;

  private ClassifierTrainer trainer() {
    return ClassifierTrainer.create(
        engine,
        Blobs.config(new ClassifierHead.Linear(true)),
        ClassifierTrainingSettings.standard(100),
        1);
  }

  private float[] saved(ClassifierTrainer trainer, String name) throws IOException {
    trainer.save(directory);
    try (SafetensorsFile file = SafetensorsFile.open(new TrainingFolder(directory).weights());
        NDManager manager = engine.newManager()) {
      return file.load(manager, name).toFloatArray();
    }
  }

  @Test
  void isThatOfTheRowsThatWereLearned() throws IOException {
    try (ClassifierTrainer trainer = trainer()) {
      trainer.step(List.of(Blobs.batch(new float[] {1, 7, 3, 7}, 0, 1)), 0.01);
      trainer.step(List.of(Blobs.batch(new float[] {8, 7}, 0)), 0.01);
      assertThat(saved(trainer, "input.count")).containsExactly(3);
      assertThat(saved(trainer, "input.mean")).containsExactly(4, 7);
      assertThat(saved(trainer, "input.squares")).containsExactly(9 + 1 + 16, 0);
    }
  }

  @Test
  void staysAfterTheFirstTenThousandRows() throws IOException {
    try (ClassifierTrainer trainer = trainer()) {
      for (int i = 0; i < 3; i++) {
        trainer.step(List.of(Blobs.batch(i, 4000)), 0.01);
      }
      float[] mean = saved(trainer, "input.mean");
      trainer.step(List.of(Blobs.batch(new float[] {1e6f, 1e6f}, 0)), 0.01);
      assertThat(saved(trainer, "input.count")).containsExactly(12_000);
      assertThat(saved(trainer, "input.mean")).containsExactly(mean);
    }
  }

  /** A column that never changes must not be blown up when it does, nor be divided by zero. */
  @Test
  void onlyShiftsAColumnThatNeverChanges() {
    try (ClassifierTrainer trainer = trainer()) {
      for (int i = 0; i < 30; i++) {
        trainer.step(List.of(Blobs.batch(new float[] {-1, 0.1f, 1, 0.1f}, 0, 1)), 0.1);
      }
      float[] same = trainer.logits(Blobs.batch(new float[] {-1, 0.1f}, 0).inputs())[0];
      float[] other = trainer.logits(Blobs.batch(new float[] {-1, 0.2f}, 0).inputs())[0];
      assertThat(other).containsExactly(same, within(0.2f));
    }
  }
}
