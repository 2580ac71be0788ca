package io.millrace.encoder.represent;

import ai.djl.ndarray.NDManager;
import io.millrace.encoder.encode.EncoderBatch;
import io.millrace.encoder.encode.EncoderConfig;
import io.millrace.encoder.encode.EncoderModel;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.train.Trainer;
import io.millrace.tensor.train.TrainingFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Trains an encoder by contrastive predictive coding (van den Oord et al. 2018, arXiv 1807.03748):
 * a {@link Trainer} of one, and what is asked of the model on the way.
 *
 * <p>Not for use by several threads at once.
 */
public final class RepresentationTrainer implements AutoCloseable {

  private final TensorEngine engine;
  private final RepresentationLearner learner;
  private final Trainer<EncoderBatch, RepresentationStep> trainer;

  private RepresentationTrainer(
      TensorEngine engine,
      RepresentationLearner learner,
      Trainer<EncoderBatch, RepresentationStep> trainer) {
    this.engine = engine;
    this.learner = learner;
    this.trainer = trainer;
  }

  /**
   * A trainer of a fresh model; weights and all choices depend on the seed alone.
   *
   * @throws IllegalArgumentException if the settings do not fit the configuration
   */
  public static RepresentationTrainer create(
      TensorEngine engine, EncoderConfig config, RepresentationSettings settings, long seed) {
    settings.requireFits(config);
    return begin(
        engine,
        EncoderModel.create(engine, config, seed, RepresentationLearner.KERNELS),
        settings,
        seed);
  }

  /**
   * A trainer that begins with the weights of a model folder and a fresh optimizer.
   *
   * @param seed of what is chosen at random
   * @throws IOException if a file is missing or does not fit the configuration
   */
  public static RepresentationTrainer from(
      TensorEngine engine, Path directory, RepresentationSettings settings, long seed)
      throws IOException {
    Path weights = new TrainingFolder(directory).weights();
    return begin(engine, load(engine, directory, weights, settings), settings, seed);
  }

  /**
   * Resumes the trainer that was saved, bit for bit with the same settings.
   *
   * @throws IOException if a file is missing or does not fit the configuration, or if one of both
   *     trainings keeps an average of the weights and the other does not
   */
  public static RepresentationTrainer restore(
      TensorEngine engine, Path directory, RepresentationSettings settings) throws IOException {
    TrainingFolder folder = new TrainingFolder(directory);
    Path weights = folder.rawWeights(settings.trainer().averages());
    long seed = seed(folder);
    RepresentationLearner learner =
        new RepresentationLearner(
            engine, load(engine, directory, weights, settings), settings, seed);
    return new RepresentationTrainer(
        engine, learner, Trainer.resume(engine, folder, learner, settings.trainer()));
  }

  private static EncoderModel load(
      TensorEngine engine, Path directory, Path weights, RepresentationSettings settings)
      throws IOException {
    EncoderModel model =
        EncoderModel.load(engine, directory, weights, RepresentationLearner.KERNELS);
    try {
      settings.requireFits(model.config());
      return model;
    } catch (IllegalArgumentException e) {
      model.close();
      throw new IOException(directory + ": " + e.getMessage(), e);
    }
  }

  private static RepresentationTrainer begin(
      TensorEngine engine, EncoderModel model, RepresentationSettings settings, long seed) {
    RepresentationLearner learner = new RepresentationLearner(engine, model, settings, seed);
    return new RepresentationTrainer(
        engine, learner, Trainer.begin(engine, learner, settings.trainer()));
  }

  private static long seed(TrainingFolder folder) throws IOException {
    String seed = folder.settings().getOrDefault(RepresentationLearner.SEED, "");
    try {
      return Long.parseLong(seed);
    } catch (NumberFormatException e) {
      throw new IOException(
          "%s is not the state of an encoder's training: its seed is '%s'"
              .formatted(folder.state(), seed),
          e);
    }
  }

  /**
   * One optimizer step on batches together. Losses are means over all of their pairs; negatives are
   * of a pair's own batch.
   *
   * @throws IllegalArgumentException if a batch does not fit the model, or there is nothing to
   *     predict
   * @throws io.millrace.tensor.optimizer.NonFiniteGradientException if the gradients are not
   *     finite; the model is as it was
   */
  public RepresentationStep step(List<EncoderBatch> batches, double learningRate) {
    return trainer.step(batches, learningRate);
  }

  /**
   * How well an unchanged batch is predicted, by the average of the weights if there is one;
   * changes nothing.
   */
  public PredictionSums evaluate(EncoderBatch batch) {
    try (KernelValue published = learner.model().networkOf(trainer.published())) {
      return learner.evaluate(published, batch);
    }
  }

  /** A vector for each document, [N, width], by the average of the weights if there is one. */
  public float[] encode(EncoderBatch batch) {
    try (KernelValue published = learner.model().networkOf(trainer.published());
        NDManager scratch = engine.newManager()) {
      return learner.model().encode(scratch, published, batch).toFloatArray();
    }
  }

  /** The model that learns. */
  public EncoderConfig config() {
    return learner.model().config();
  }

  /** Learned values. */
  public long parameters() {
    return learner.weights().count();
  }

  /** Optimizer steps made since the model was created. */
  public long steps() {
    return trainer.steps();
  }

  /** Writes a {@link TrainingFolder}, which is the folder that {@link EncoderModel} loads too. */
  public void save(Path directory) throws IOException {
    trainer.save(directory);
  }

  @Override
  public void close() {
    trainer.close();
  }
}
