package io.millrace.language.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.language.config.ConfigFile;
import io.millrace.language.config.LanguageConfig;
import io.millrace.tensor.engine.TensorEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
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
      // The heap of Java may grow meanwhile, too.
      assertThat(PeakMemory.taken() - before).isLessThan(192L << 20);
    }
  }

  private static void work(LanguageTrainer trainer, PackedBatch batch, int times) {
    for (int i = 0; i < times; i++) {
      trainer.step(List.of(batch, batch), 1e-3);
      trainer.evaluate(batch);
      trainer.acceptance(batch);
    }
  }

  /** Gradients are 9 MiB, those of all micro-batches 350 MiB. */
  @ParameterizedTest
  @ValueSource(strings = {"silu", "gelu"})
  void microBatchesShareTheirGradients(String activation) throws IOException {
    try (LanguageTrainer trainer = trainer(8000, activation)) {
      List<PackedBatch> batches = Collections.nCopies(40, batch(16, 8000));
      trainer.step(batches.getFirst(), 1e-3);
      assertThat(PeakMemory.bytesAdded(() -> trainer.step(batches, 1e-3))).isLessThan(160L << 20);
    }
  }

  /** All logits are 450 MiB. */
  @Test
  void evaluationTakesTheLogitsOfFewTokens() throws IOException {
    try (LanguageTrainer trainer = trainer(30_000, "silu")) {
      int[][] documents = new int[40][];
      Arrays.fill(documents, new Random(1).ints(100, 0, 30_000).toArray());
      PackedBatch batch = PackedBatch.of(documents);
      assertThat(PeakMemory.bytesAdded(() -> trainer.evaluate(batch))).isLessThan(360L << 20);
      assertThat(PeakMemory.bytesAdded(() -> trainer.acceptance(batch))).isLessThan(360L << 20);
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
