package io.millrace.language.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.millrace.language.config.LanguageConfig;
import io.millrace.language.model.Decoder;
import io.millrace.language.model.ModelFolder;
import io.millrace.language.model.Products;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.train.Trainer;
import io.millrace.tensor.train.TrainingFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Trainings on bfloat16 tensors, which tensor cores run, on the processor: micro-batches,
 * recomputed layers, the moving average of the weights and exact resumption.
 */
class BFloat16TrainingTest {

  private static final LanguageConfig TINY = LanguageTrainerTest.TINY;
  private static final LanguageTrainingSettings SETTINGS =
      LanguageTrainingSettings.deepSeek()
          .with(Precision.BF16)
          .with(new Recomputation(2))
          .withEma(0.4);

  private static final double RATE = 1e-3;

  @TempDir Path directory;

  private final TensorEngine engine = TensorEngine.start("cpu");

  @Test
  void goesOnBitForBitAfterARestore() throws IOException {
    Path middle = directory.resolve("middle");
    Path straight = directory.resolve("straight");
    Path resumed = directory.resolve("resumed");
    try (Trainer<PackedBatch, StepReport> trainer = begin(SETTINGS, Products.BF16_TENSORS)) {
      steps(trainer, 0, 2);
      trainer.save(middle);
      steps(trainer, 2, 4);
      trainer.save(straight);
    }
    TrainingFolder folder = new TrainingFolder(middle);
    Decoder decoder = ModelFolder.load(engine, middle, folder.rawWeights(/* averages= */ true));
    try (Trainer<PackedBatch, StepReport> trainer =
        Trainer.resume(
            engine,
            folder,
            new LanguageLearner(engine, decoder, SETTINGS, Products.BF16_TENSORS),
            SETTINGS.trainer())) {
      steps(trainer, 2, 4);
      trainer.save(resumed);
    }
    for (String file : List.of("model.safetensors", "raw.safetensors", "optimizer.safetensors")) {
      assertThat(Files.mismatch(straight.resolve(file), resumed.resolve(file)))
          .as(file)
          .isEqualTo(-1);
    }
  }

  @Test
  void learnsAsInFloat32() {
    List<StepReport> exact;
    try (Trainer<PackedBatch, StepReport> trainer =
        begin(SETTINGS.with(Precision.F32), Products.F32)) {
      exact = steps(trainer, 0, 20);
    }
    List<StepReport> rounded;
    try (Trainer<PackedBatch, StepReport> trainer = begin(SETTINGS, Products.BF16_TENSORS)) {
      rounded = steps(trainer, 0, 20);
    }
    assertThat(exact.getLast().loss()).isLessThan(0.98 * exact.getFirst().loss());
    for (int i = 0; i < exact.size(); i++) {
      assertThat(rounded.get(i).loss())
          .as("step %d", i)
          .isCloseTo(exact.get(i).loss(), withinPercentage(1.5));
    }
    assertThat(rounded.getFirst().gradientNorm())
        .isCloseTo(exact.getFirst().gradientNorm(), withinPercentage(5));
  }

  private Trainer<PackedBatch, StepReport> begin(
      LanguageTrainingSettings settings, Products products) {
    Decoder decoder = Decoder.create(engine, TINY, 7);
    return Trainer.begin(
        engine, new LanguageLearner(engine, decoder, settings, products), settings.trainer());
  }

  /** Of two micro-batches each. */
  private static List<StepReport> steps(
      Trainer<PackedBatch, StepReport> trainer, int from, int to) {
    List<StepReport> reports = new ArrayList<>();
    for (int step = from; step < to; step++) {
      Random random = new Random(step % 2);
      reports.add(
          trainer.step(
              List.of(
                  PackedBatch.of(ids(random, 20), ids(random, 1), ids(random, 13)),
                  PackedBatch.of(ids(random, 32))),
              RATE));
    }
    return reports;
  }

  private static int[] ids(Random random, int count) {
    return random.ints(count, 0, TINY.vocabSize()).toArray();
  }
}
