package io.millrace.tensor.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.optimizer.AdamWSettings;
import io.millrace.tensor.train.Trainer;
import io.millrace.tensor.train.TrainerSettings;
import io.millrace.tensor.train.TrainingFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Losses of whole steps in a training. */
class StepLossTest {

  private static final TrainerSettings SETTINGS =
      new TrainerSettings(new AdamWSettings(0.9, 0.95, 1e-8, 0, 1));
  private static final int ROWS = 24;

  private final TensorEngine engine = TensorEngine.start("cpu");

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cross_entropy",
        "focal",
        "soft_f1",
        "smooth_ap",
        "straight_through_f1",
        "gumbel_f1",
        "reinforce_f1",
        "cross_entropy then soft_f1 at 2"
      })
  void howRowsAreSplitIntoBatchesChangesRoundingAlone(String plan) {
    Result one = train(plan, 4, ROWS);
    Result three = train(plan, 4, 7, 12, 5);
    Result each = train(plan, 4, 1, 23);
    assertThat(three.losses()).containsExactly(one.losses(), within(1e-5));
    assertThat(three.weights()).containsExactly(one.weights(), within(1e-4f));
    assertThat(each.weights()).containsExactly(one.weights(), within(1e-4f));
    assertThat(one.losses()[3]).isNotEqualTo(one.losses()[0]);
  }

  @Test
  void anF1OfTheWholeStepIsNotTheMeanOfThoseOfItsBatches() {
    List<SoftmaxLearner.Batch> batches = batches(0, 1, 23);
    double whole = train("soft_f1", 1, 1, 23).losses()[0];
    double apart = 0;
    for (SoftmaxLearner.Batch batch : batches) {
      try (Trainer<SoftmaxLearner.Batch, Double> trainer =
          Trainer.begin(engine, SoftmaxLearner.create(engine, "soft_f1", 1), SETTINGS)) {
        apart += trainer.step(List.of(batch), 0.01) * batch.labels().count() / ROWS;
      }
    }
    assertThat(Math.abs(whole - apart)).isGreaterThan(1e-3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cross_entropy then gumbel_f1(temperature=1, annealed_to=5) at 2",
        "cross_entropy then reinforce_f1 at 4"
      })
  void isResumedBitForBit(String plan) throws IOException {
    Result never = train(plan, 8, 10, 14);
    try (Trainer<SoftmaxLearner.Batch, Double> trainer =
        Trainer.begin(engine, SoftmaxLearner.create(engine, plan, 8), SETTINGS)) {
      for (int step = 0; step < 4; step++) {
        trainer.step(batches(step, 10, 14), 0.05);
      }
      trainer.save(folder);
    }
    TrainingFolder saved = new TrainingFolder(folder);
    SoftmaxLearner learner = SoftmaxLearner.load(engine, saved.rawWeights(false), plan, 8);
    try (Trainer<SoftmaxLearner.Batch, Double> trainer =
        Trainer.resume(engine, saved, learner, SETTINGS)) {
      for (int step = 4; step < 8; step++) {
        assertThat(trainer.step(batches(step, 10, 14), 0.05)).isEqualTo(never.losses()[step]);
      }
      assertThat(learner.weights().get("weight").toFloatArray()).isEqualTo(never.weights());
    }
  }

  @Test
  void learnsToBeRight() {
    for (String plan : new String[] {"soft_f1", "straight_through_f1", "reinforce_f1"}) {
      double[] losses = train("cross_entropy then " + plan + " at 40%", 60, ROWS).losses();
      // One of three classes at random: 0.67.
      assertThat(losses[59]).as(plan).isLessThan(0.3);
    }
  }

  /**
   * What a training came to.
   *
   * @param losses of each step
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Result(double[] losses, float[] weights) {}

  private Result train(String plan, int steps, int... sizes) {
    SoftmaxLearner learner = SoftmaxLearner.create(engine, plan, steps);
    try (Trainer<SoftmaxLearner.Batch, Double> trainer = Trainer.begin(engine, learner, SETTINGS)) {
      double[] losses = new double[steps];
      for (int step = 0; step < steps; step++) {
        losses[step] = trainer.step(batches(step, sizes), 0.05);
      }
      return new Result(losses, learner.weights().get("weight").toFloatArray());
    }
  }

  /** The rows of a step, split; labels are the place of the largest of the first three inputs. */
  private static List<SoftmaxLearner.Batch> batches(int step, int... sizes) {
    Random random = new Random(step % 4);
    float[] inputs = new float[ROWS * SoftmaxLearner.INPUTS];
    long[] labels = new long[ROWS];
    for (int row = 0; row < ROWS; row++) {
      double[] first = new double[SoftmaxLearner.CLASSES];
      for (int i = 0; i < SoftmaxLearner.INPUTS; i++) {
        float value = (float) random.nextGaussian();
        inputs[row * SoftmaxLearner.INPUTS + i] = value;
        if (i < first.length) {
          first[i] = value;
        }
      }
      labels[row] = row == 5 ? -1 : ScalarMetrics.highest(first);
    }
    List<SoftmaxLearner.Batch> batches = new ArrayList<>();
    int from = 0;
    for (int size : sizes) {
      batches.add(
          new SoftmaxLearner.Batch(
              Arrays.copyOfRange(
                  inputs, from * SoftmaxLearner.INPUTS, (from + size) * SoftmaxLearner.INPUTS),
              RowLabels.of(Arrays.copyOfRange(labels, from, from + size))));
      from += size;
    }
    return batches;
  }
}
