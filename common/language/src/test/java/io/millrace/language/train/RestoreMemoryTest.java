package io.millrace.language.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.language.config.LanguageConfig;
import io.millrace.tensor.engine.TensorEngine;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * A training that fits into memory can be restored there. A measurement, because the Java heap's
 * part of a process's memory moves by more than the margin: {@code ./mvnw -pl common/language -am
 * test -Dtest=RestoreMemoryTest -Dsurefire.failIfNoSpecifiedTests=false
 * -Dmillrace.benchmarks=true}.
 */
@EnabledOnOs(OS.LINUX)
@EnabledIfSystemProperty(named = "millrace.benchmarks", matches = "true")
class RestoreMemoryTest {

  @TempDir Path directory;

  private final TensorEngine engine = TensorEngine.start("cpu");

  @Test
  void restoringTakesATensorMoreThanTraining() throws IOException {
    // Nearly all of it is the embedding, 48 MiB, of which the head is no copy.
    LanguageConfig config = LanguageConfig.preset("nano", 96_000, 0);
    LanguageTrainingSettings settings = LanguageTrainingSettings.deepSeek().withEma(0.9);
    long weights;
    try (LanguageTrainer trainer = LanguageTrainer.create(engine, config, settings, 7)) {
      weights = trainer.parameters() * Float.BYTES;
      trainer.save(directory);
    }
    // Weights, gradients, two moments and the average.
    assertThat(
            PeakMemory.bytesAdded(
                () -> LanguageTrainer.restore(engine, directory, settings).close()))
        .isBetween(5 * weights / 2, 13 * weights / 2);
  }
}
