package io.millrace.encoder.classify;

import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.train.Trainer;
import io.millrace.tensor.train.TrainingFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Trains a classifier: a {@link Trainer} of one, and what is asked of the model on the way.
 *
 * <p>Not for use by several threads at once.
 */
public final class ClassifierTrainer implements ClassifierTraining {

  /**
   * Weights times rows of a step below which a second thread costs more than it saves: 256 rows of
   * 512 columns and 10 classes took 0.5 ms on one thread and 0.8 on two.
   */
  private static final long SHORT = 4_000_000;

  private final ClassifierLearner learner;
  private final Trainer<ExampleBatch, ClassifierStep> trainer;

  private ClassifierTrainer(
      ClassifierLearner learner, Trainer<ExampleBatch, ClassifierStep> trainer) {
    this.learner = learner;
    this.trainer = trainer;
  }

  /** A trainer of a fresh model; weights and dropout depend on the seed alone. */
  public static ClassifierTrainer create(
      TensorEngine engine,
      ClassifierConfig config,
      ClassifierTrainingSettings settings,
      long seed) {
    return begin(engine, ClassifierNetwork.create(engine, config, seed), settings, seed);
  }

  /**
   * The same whose encoder begins with the weights of a published one.
   *
   * @param encoder the published model's folder
   * @throws IOException if a file is missing or broken, or a tensor is missing or of another shape
   */
  public static ClassifierTrainer onEncoder(
      TensorEngine engine,
      ClassifierConfig config,
      ClassifierTrainingSettings settings,
      long seed,
      Path encoder)
      throws IOException {
    ClassifierNetwork network = ClassifierNetwork.create(engine, config, seed);
    try {
      network.loadEncoder(encoder);
    } catch (IOException | RuntimeException e) {
      network.close();
      throw e;
    }
    return begin(engine, network, settings, seed);
  }

  /**
   * A trainer that begins with the weights of a model folder and a fresh optimizer.
   *
   * @param seed of dropout
   * @throws IOException if a file is missing or does not fit the configuration
   */
  public static ClassifierTrainer from(
      TensorEngine engine, Path directory, ClassifierTrainingSettings settings, long seed)
      throws IOException {
    return begin(engine, ClassifierNetwork.load(engine, directory), settings, seed);
  }

  private static ClassifierTrainer begin(
      TensorEngine engine,
      ClassifierNetwork network,
      ClassifierTrainingSettings settings,
      long seed) {
    ClassifierLearner learner = new ClassifierLearner(engine, network, settings, seed);
    return new ClassifierTrainer(learner, Trainer.begin(engine, learner, settings.trainer()));
  }

  /**
   * Resumes the trainer that was saved, bit for bit with the same settings.
   *
   * @throws IOException if a file is missing or does not fit the configuration, or if one of both
   *     trainings keeps an average of the weights and the other does not
   */
  public static ClassifierTrainer restore(
      TensorEngine engine, Path directory, ClassifierTrainingSettings settings) throws IOException {
    TrainingFolder folder = new TrainingFolder(directory);
    Path weights = folder.rawWeights(settings.trainer().averages());
    long seed = seed(folder);
    ClassifierNetwork network = ClassifierNetwork.load(engine, directory, weights);
    ClassifierLearner learner = new ClassifierLearner(engine, network, settings, seed);
    return new ClassifierTrainer(
        learner, Trainer.resume(engine, folder, learner, settings.trainer()));
  }

  private static long seed(TrainingFolder folder) throws IOException {
    String seed = folder.settings().getOrDefault(ClassifierLearner.SEED, "");
    try {
      return Long.parseLong(seed);
    } catch (NumberFormatException e) {
      throw new IOException(
          "%s is not the state of a classifier's training: its seed is '%s'"
              .formatted(folder.state(), seed),
          e);
    }
  }

  /**
   * One optimizer step on batches together, as on one that holds all of their examples: the number
   * of batches changes nothing but rounding.
   *
   * @throws IllegalArgumentException if inputs are not such as the model takes, or a class is none
   *     of its own
   * @throws io.millrace.tensor.optimizer.NonFiniteGradientException if the gradients are not
   *     finite; the model is as it was
   */
  @Override
  public ClassifierStep step(List<ExampleBatch> batches, double learningRate) {
    return isShort(batches)
        ? TensorEngine.onOneThread(() -> trainer.step(batches, learningRate))
        : trainer.step(batches, learningRate);
  }

  /** Where inputs are rows; what an encoder makes of texts and pictures takes long. */
  private boolean isShort(List<ExampleBatch> batches) {
    long rows = batches.stream().mapToLong(ExampleBatch::size).sum();
    return config().input() instanceof RowInput && rows * learnedParameters() < SHORT;
  }

  /** Logits by the present weights, or their average if there is one: [inputs][classes]. */
  @Override
  public float[][] logits(Inputs inputs) {
    try (KernelValue published = learner.network().networkOf(trainer.published())) {
      return learner.network().logits(published, inputs);
    }
  }

  /** The model that learns. */
  @Override
  public ClassifierConfig config() {
    return learner.network().config();
  }

  /** Values of all weights. */
  @Override
  public long parameters() {
    return learner.network().parameters();
  }

  /** Values of those that learn. */
  @Override
  public long learnedParameters() {
    return learner.weights().count();
  }

  /** Optimizer steps made since the model was created. */
  public long steps() {
    return trainer.steps();
  }

  /** Writes a {@link TrainingFolder}, which is the folder that a classifier loads too. */
  @Override
  public void save(Path directory) throws IOException {
    trainer.save(directory);
  }

  @Override
  public void close() {
    trainer.close();
  }
}
