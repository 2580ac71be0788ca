package io.millrace.tensor.train;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.tensor.optimizer.AdamW;
import io.millrace.tensor.optimizer.WeightAverage;
import io.millrace.tensor.parameter.FlatTensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Trains whatever a {@link Learner} has gradients of: adds up those of the batches of a step, clips
 * them by their global norm, has AdamW move the weights, keeps their moving average, and saves all
 * of it so that a training is resumed bit for bit.
 *
 * <p>What recomputes layers to save memory is the learner, and what chooses the learning rate of a
 * step is the caller, see {@link io.millrace.tensor.optimizer.LearningRateSchedule}. Not for use by
 * several threads at once.
 *
 * @param <B> a batch
 * @param <R> what is reported of a step
 */
public final class Trainer<B, R> implements AutoCloseable {

  private final TensorEngine engine;
  private final Kernels kernels;
  private final Learner<B, R> learner;
  private final AdamW optimizer;
  private final FlatTensors gradients;
  private final @Nullable WeightAverage average;

  private Trainer(
      TensorEngine engine,
      Learner<B, R> learner,
      AdamW optimizer,
      FlatTensors gradients,
      @Nullable WeightAverage average) {
    this.engine = engine;
    this.kernels = Kernels.shared(engine, Trainer.class, "trainer.py");
    this.learner = learner;
    this.optimizer = optimizer;
    this.gradients = gradients;
    this.average = average;
  }

  /**
   * Begins a training with the learner's weights as they are.
   *
   * @param learner is closed with the trainer, and if this fails
   */
  public static <B, R> Trainer<B, R> begin(
      TensorEngine engine, Learner<B, R> learner, TrainerSettings settings) {
    AdamW optimizer = null;
    FlatTensors gradients = null;
    WeightAverage average = null;
    try {
      optimizer = new AdamW(engine, learner.weights(), settings.optimizer());
      gradients = learner.weights().newLearnedZeros();
      if (settings.averages()) {
        average = new WeightAverage(engine, learner.weights(), settings.emaDecay());
      }
      return new Trainer<>(engine, learner, optimizer, gradients, average);
    } catch (RuntimeException | Error e) {
      close(average, gradients, optimizer, learner);
      throw e;
    }
  }

  /**
   * Resumes the training that was saved, bit for bit if the settings are the same.
   *
   * @param learner with the weights of {@link TrainingFolder#rawWeights}; is closed with the
   *     trainer, and if this fails
   * @throws IOException if a file is missing or does not fit, if one of both trainings keeps an
   *     average of the weights and the other does not, or if the learner does not take the settings
   *     that were saved
   */
  public static <B, R> Trainer<B, R> resume(
      TensorEngine engine, TrainingFolder folder, Learner<B, R> learner, TrainerSettings settings)
      throws IOException {
    Trainer<B, R> trainer = begin(engine, learner, settings);
    try {
      folder.rawWeights(settings.averages());
      folder.loadState(learner, trainer.optimizer);
      if (trainer.average != null) {
        learner.readLearned(folder.weights(), trainer.average.averages());
      }
      return trainer;
    } catch (IOException | RuntimeException | Error e) {
      trainer.close();
      throw e;
    }
  }

  /**
   * One optimizer step on all batches together.
   *
   * @throws IllegalArgumentException if there is none, or one does not fit the model
   * @throws io.millrace.tensor.optimizer.NonFiniteGradientException if the gradients are not
   *     finite; the model is as it was
   */
  public R step(List<B> batches, double learningRate) {
    if (batches.isEmpty()) {
      throw new IllegalArgumentException("a step needs at least one batch");
    }
    try (Learner.Step<R> step = learner.begin(batches, optimizer.steps());
        NDManager scratch = engine.newManager()) {
      if (!step.overwrites()) {
        gradients.clear();
      }
      NDList sums = step.addGradients(0, scratch, gradients);
      for (int i = 1; i < batches.size(); i++) {
        NDList next = step.addGradients(i, scratch, gradients);
        kernels.runForReading(scratch, "add_up", sums, next);
      }
      double norm = optimizer.step(gradients, learningRate);
      if (average != null) {
        average.update(optimizer.steps());
      }
      return step.end(scratch, sums, norm);
    }
  }

  /**
   * The learned weights that are evaluated and published, in the order of their specs: the moving
   * average if one is kept, else the weights themselves. They belong to the trainer.
   */
  public NDList published() {
    return average == null ? learner.weights().learnedTensors() : average.tensors();
  }

  /** Optimizer steps made since the model was created. */
  public long steps() {
    return optimizer.steps();
  }

  /** Writes a {@link TrainingFolder}; the directory is made if it is not there. */
  public void save(Path directory) throws IOException {
    new TrainingFolder(directory)
        .save(learner, optimizer, average == null ? null : average.averages());
  }

  @Override
  public void close() {
    close(average, gradients, optimizer, learner);
  }

  private static void close(
      @Nullable WeightAverage average,
      @Nullable FlatTensors gradients,
      @Nullable AdamW optimizer,
      Learner<?, ?> learner) {
    if (average != null) {
      average.close();
    }
    if (gradients != null) {
      gradients.close();
    }
    if (optimizer != null) {
      optimizer.close();
    }
    learner.close();
  }
}
