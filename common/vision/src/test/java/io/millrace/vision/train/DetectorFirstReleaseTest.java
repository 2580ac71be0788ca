package io.millrace.vision.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.tensor.engine.TensorEngine;
import io.millrace.vision.box.Box;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.picture.Picture;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A training saved at commit 025a12c, when every task had a trainer and a folder format of its own:
 * seed 11, three steps of the batches below at a rate of 1e-2. Beside it lie the losses of the four
 * steps that followed there.
 */
class DetectorFirstReleaseTest {

  /**
   * For a loss. Which sums a processor rounds otherwise is its own matter, kernel by kernel; a
   * state that was read wrongly moves losses by far more at this rate.
   */
  private static final double TOLERANCE = 1e-4;

  private final TensorEngine engine = TensorEngine.start("cpu");

  /** As the folder was written: sums of several threads round otherwise. */
  @BeforeEach
  void takeOneThread() {
    TensorEngine.enterThread(1);
  }

  @AfterEach
  void takeAllThreads() {
    TensorEngine.enterThread(Runtime.getRuntime().availableProcessors());
  }

  @Test
  void goesOnAsThatReleaseDid() throws Exception {
    Path folder = Path.of(Objects.requireNonNull(getClass().getResource("first-release")).toURI());
    Properties expected = expected(folder);
    try (DetectorTrainer trainer =
        DetectorTrainer.restore(engine, folder, DetectorTrainingSettings.standard())) {
      assertThat(trainer.steps()).isEqualTo(3);
      double evaluated = Double.parseDouble(expected.getProperty("evaluated"));
      assertThat(trainer.evaluate(batch(99)).total()).isCloseTo(evaluated, within(1e-5));
      double[] losses =
          Arrays.stream(expected.getProperty("losses").split(","))
              .mapToDouble(Double::parseDouble)
              .toArray();
      for (int i = 0; i < losses.length; i++) {
        assertThat(trainer.step(batch(3 + i), 1e-2).loss())
            .as("step %d", 3 + i)
            .isCloseTo(losses[i], within(TOLERANCE));
      }
      assertThat(trainer.evaluate(batch(99)).total())
          .isCloseTo(Double.parseDouble(expected.getProperty("after")), within(10 * TOLERANCE));
    }
  }

  private static Properties expected(Path folder) throws IOException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(folder.resolve("expected.properties"))) {
      properties.load(reader);
    }
    return properties;
  }

  private static SampleBatch batch(int seed) {
    Random random = new Random(seed);
    List<Picture> pictures = new ArrayList<>();
    List<List<LabelledBox>> boxes = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      byte[] rgb = new byte[3 * 32 * 24];
      random.nextBytes(rgb);
      pictures.add(new Picture(32, 24, rgb));
      boxes.add(
          List.of(
              new LabelledBox(new Box(2 + random.nextInt(10), 3, 9, 7), 0, false),
              new LabelledBox(new Box(14, 6 + random.nextInt(6), 6, 10), 1, false)));
    }
    return SampleBatch.of(pictures, boxes);
  }
}
