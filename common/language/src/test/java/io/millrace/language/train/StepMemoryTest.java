package io.millrace.language.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.language.config.ConfigFile;
import io.millrace.language.config.LanguageConfig;
import io.millrace.tensor.engine.TensorEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What training takes, by the hand-written step (SiLU) and by autograd. */
@EnabledOnOs(OS.LINUX)
class StepMemoryTest {

  private static final LanguageTrainingSettings SETTINGS = LanguageTrainingSettings.deepSeek();

  @TempDir Path directory;

  private final TensorEngine engine = TensorEngine.start("cpu");

  @ParameterizedTest
  @ValueSource(strings = {"silu", "gelu"})
  void stepsKeepNothing(String activation) throws IOException {
    try (LanguageTrainer trainer = trainer(64, activation)) {
      PackedBatch batch = batch(256, 64);
      work(trainer, batch, 5);
      long before = PeakMemory.taken();
      // The states between the three layers alone are 15 MiB, all that a step makes 600 MiB.
      work(trainer, batch, 20);
      assertThat(PeakMemory.taken() - before).isLessThan(24L << 20);
    }
  }

  private static void work(LanguageTrainer trainer, PackedBatch batch, int times) {
    for (int i = 0; i < times; i++) {
      trainer.step(List.of(batch, batch), 1e-3);
      trainer.evaluate(batch);
      trainer.acceptance(batch);
    }
  }

  /** Embedding and head are 16 MiB each, and gradients are as large in every micro-batch. */
  @ParameterizedTest
  @ValueSource(strings = {"silu", "gelu"})
  void microBatchesTakeNoMoreThanOne(String activation) throws IOException {
    try (LanguageTrainer trainer = trainer(32_000, activation)) {
      PackedBatch batch = batch(16, 32_000);
      trainer.step(batch, 1e-3);
      long one = PeakMemory.bytesAdded(() -> trainer.step(batch, 1e-3));
      long six = PeakMemory.bytesAdded(() -> trainer.step(Collections.nCopies(6, batch), 1e-3));
      assertThat(six).isLessThan(one + 3 * trainer.parameters() * Float.BYTES);
    }
  }

  private LanguageTrainer trainer(int vocabulary, String activation) throws IOException {
    ConfigFile.write(LanguageConfig.preset("nano", vocabulary, 0), directory);
    LanguageConfig config = ConfigFile.read(directory, Map.of("hidden_act", activation));
    return LanguageTrainer.create(engine, config, SETTINGS, 7);
  }

  private static PackedBatch batch(int tokens, int vocabulary) {
    return PackedBatch.of(new Random(1).ints(tokens, 0, vocabulary).toArray());
  }
}
