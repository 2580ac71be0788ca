package io.millrace.vision.train;

import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.train.Trainer;
import io.millrace.tensor.train.TrainingFolder;
import io.millrace.vision.box.Detection;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.detector.DetectorNetwork;
import io.millrace.vision.detector.PublishedWeights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Trains a detector: a {@link Trainer} of one, and what is asked of the model on the way.
 *
 * <p>Not for use by several threads at once.
 */
public final class DetectorTrainer implements AutoCloseable {

  private final DetectorLearner learner;
  private final Trainer<SampleBatch, DetectorStep> trainer;

  /** The network of the weights that are published; it sees how they move. */
  private final KernelValue published;

  private DetectorTrainer(DetectorLearner learner, Trainer<SampleBatch, DetectorStep> trainer) {
    this.learner = learner;
    this.trainer = trainer;
    this.published = learner.network().networkOf(trainer.published());
  }

  /** A trainer of a fresh model; weights and augmentation depend on the seed alone. */
  public static DetectorTrainer create(
      TensorEngine engine, DetectorConfig config, DetectorTrainingSettings settings, long seed) {
    return begin(engine, DetectorNetwork.create(engine, config, seed), settings, seed);
  }

  /**
   * The same whose backbone begins with published weights.
   *
   * @param backbone a safetensors file, see {@link PublishedWeights}
   * @throws IOException if the file is missing or broken, or does not fit
   */
  public static DetectorTrainer pretrained(
      TensorEngine engine,
      DetectorConfig config,
      DetectorTrainingSettings settings,
      long seed,
      Path backbone)
      throws IOException {
    DetectorNetwork network = DetectorNetwork.create(engine, config, seed);
    try {
      PublishedWeights.load(engine, network, backbone);
    } catch (IOException | RuntimeException e) {
      network.close();
      throw e;
    }
    return begin(engine, network, settings, seed);
  }

  /**
   * A trainer that begins with the weights of a model folder and a fresh optimizer.
   *
   * @param seed of the augmentation
   * @throws IOException if a file is missing or does not fit the configuration
   */
  public static DetectorTrainer from(
      TensorEngine engine, Path directory, DetectorTrainingSettings settings, long seed)
      throws IOException {
    return begin(engine, DetectorNetwork.load(engine, directory), settings, seed);
  }

  private static DetectorTrainer begin(
      TensorEngine engine, DetectorNetwork network, DetectorTrainingSettings settings, long seed) {
    DetectorLearner learner = new DetectorLearner(engine, network, settings, seed);
    return new DetectorTrainer(learner, Trainer.begin(engine, learner, settings.trainer()));
  }

  /**
   * Resumes the trainer that was saved, bit for bit with the same settings.
   *
   * @throws IOException if a file is missing or does not fit the configuration, or if one of both
   *     trainings keeps an average of the weights and the other does not
   */
  public static DetectorTrainer restore(
      TensorEngine engine, Path directory, DetectorTrainingSettings settings) throws IOException {
    TrainingFolder folder = new TrainingFolder(directory);
    Path weights = folder.rawWeights(settings.trainer().averages());
    long seed = seed(folder);
    DetectorLearner learner =
        new DetectorLearner(
            engine, DetectorNetwork.load(engine, directory, weights), settings, seed);
    return new DetectorTrainer(
        learner, Trainer.resume(engine, folder, learner, settings.trainer()));
  }

  private static long seed(TrainingFolder folder) throws IOException {
    String seed = folder.settings().getOrDefault(DetectorLearner.SEED, "");
    try {
      return Long.parseLong(seed);
    } catch (NumberFormatException e) {
      throw new IOException(
          "%s is not the state of a detector's training: its seed is '%s'"
              .formatted(folder.state(), seed),
          e);
    }
  }

  /**
   * One optimizer step on one batch.
   *
   * @throws IllegalArgumentException if the batch has another size than the model's input, or a box
   *     that does not fit
   * @throws io.millrace.tensor.optimizer.NonFiniteGradientException if the gradients are not
   *     finite; the model is as it was
   */
  public DetectorStep step(SampleBatch batch, double learningRate) {
    return step(List.of(batch), learningRate);
  }

  /**
   * One optimizer step on batches together, as on one that holds all of their pictures: the number
   * of batches changes nothing but rounding.
   */
  public DetectorStep step(List<SampleBatch> batches, double learningRate) {
    return trainer.step(batches, learningRate);
  }

  /**
   * Losses without augmentation, by the average of the weights if there is one; changes nothing.
   */
  public DetectorLosses evaluate(SampleBatch batch) {
    return learner.evaluate(published, batch);
  }

  /**
   * Finds objects with the present weights, or their average if there is one, best first, at most
   * {@code max} a picture: those of lower score are left out.
   *
   * @return for each picture, boxes in its pixels, which may reach beyond its edges
   */
  public List<List<Detection>> detect(SampleBatch batch, double minScore, int max) {
    learner.requireSize(batch);
    return learner.network().detect(published, batch.rgb(), batch.placements(), minScore, max);
  }

  /** The model that learns. */
  public DetectorConfig config() {
    return learner.network().config();
  }

  /** Learned values. */
  public long parameters() {
    return learner.weights().count();
  }

  /** Optimizer steps made since the model was created. */
  public long steps() {
    return trainer.steps();
  }

  /** Writes a {@link TrainingFolder}, which is the folder that a detector loads too. */
  public void save(Path directory) throws IOException {
    trainer.save(directory);
  }

  @Override
  public void close() {
    published.close();
    trainer.close();
  }
}
