package io.millrace.language.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.tensor.engine.TensorEngine;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Trainings saved at commit 025a12c, when every task had a trainer and a folder format of its own:
 * seed 11, three steps of the batches below at a rate of 1e-2. Beside them lie the losses of the
 * four steps that followed there.
 */
class LanguageFirstReleaseTest {

  /**
   * For a loss. Which sums a processor rounds otherwise is its own matter, kernel by kernel; a
   * state that was read wrongly moves losses by far more at this rate.
   */
  private static final double TOLERANCE = 1e-4;

  private final TensorEngine engine = TensorEngine.start("cpu");

  /** As the folders were compared: sums of several threads round otherwise. */
  @BeforeEach
  void takeOneThread() {
    TensorEngine.enterThread(1);
  }

  @AfterEach
  void takeAllThreads() {
    TensorEngine.enterThread(Runtime.getRuntime().availableProcessors());
  }

  @ParameterizedTest
  @CsvSource({"plain, 0, F32", "averaged, 0.4, BF16"})
  void goesOnAsThatReleaseDid(String name, double emaDecay, Precision precision) throws Exception {
    Path folder =
        Path.of(Objects.requireNonNull(getClass().getResource("first-release/" + name)).toURI());
    Properties expected = expected(folder);
    LanguageTrainingSettings settings =
        LanguageTrainingSettings.deepSeek().withEma(emaDecay).with(precision);
    try (LanguageTrainer trainer = LanguageTrainer.restore(engine, folder, settings)) {
      assertThat(trainer.steps()).isEqualTo(3);
      double evaluated = Double.parseDouble(expected.getProperty("evaluated"));
      assertThat(trainer.evaluate(batch(99)).sum()).isCloseTo(evaluated, within(1e-4));
      double[] losses =
          Arrays.stream(expected.getProperty("losses").split(","))
              .mapToDouble(Double::parseDouble)
              .toArray();
      for (int i = 0; i < losses.length; i++) {
        int step = 3 + i;
        assertThat(trainer.step(List.of(batch(2 * step), batch(2 * step + 1)), 1e-2).loss())
            .as("step %d", step)
            .isCloseTo(losses[i], within(TOLERANCE));
      }
      assertThat(trainer.evaluate(batch(99)).sum())
          .isCloseTo(Double.parseDouble(expected.getProperty("after")), within(40 * TOLERANCE));
    }
  }

  private static Properties expected(Path folder) throws IOException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(folder.resolve("expected.properties"))) {
      properties.load(reader);
    }
    return properties;
  }

  private static PackedBatch batch(int seed) {
    Random random = new Random(seed);
    int[][] documents = new int[3][];
    for (int i = 0; i < documents.length; i++) {
      documents[i] = random.ints(4 + random.nextInt(12), 1, 23).toArray();
    }
    return PackedBatch.of(documents);
  }
}
