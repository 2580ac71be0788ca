package io.millrace.language.train;

import io.millrace.language.config.LanguageConfig;
import io.millrace.language.model.Decoder;
import io.millrace.language.model.ModelFolder;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.train.Trainer;
import io.millrace.tensor.train.TrainingFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Trains a decoder: a {@link Trainer} of a language model, and what is asked of the model on the
 * way.
 *
 * <p>Not for use by several threads at once.
 */
public final class LanguageTrainer implements AutoCloseable {

  private final LanguageLearner learner;
  private final Trainer<PackedBatch, StepReport> trainer;

  private LanguageTrainer(LanguageLearner learner, Trainer<PackedBatch, StepReport> trainer) {
    this.learner = learner;
    this.trainer = trainer;
  }

  /**
   * A trainer of a fresh model whose weights depend on the seed alone.
   *
   * @throws IllegalArgumentException if the model cannot be trained in the settings' precision
   */
  public static LanguageTrainer create(
      TensorEngine engine, LanguageConfig config, LanguageTrainingSettings settings, long seed) {
    settings.precision().requireCovers(config);
    return begin(engine, Decoder.create(engine, config, seed), settings);
  }

  /**
   * A trainer that begins with the weights of a model folder and a fresh optimizer.
   *
   * @throws IOException if a file is missing or does not fit the configuration
   * @throws IllegalArgumentException if the model cannot be trained in the settings' precision
   */
  public static LanguageTrainer from(
      TensorEngine engine, Path directory, LanguageTrainingSettings settings) throws IOException {
    return begin(engine, ModelFolder.load(engine, directory), settings);
  }

  private static LanguageTrainer begin(
      TensorEngine engine, Decoder decoder, LanguageTrainingSettings settings) {
    LanguageLearner learner = LanguageLearner.of(engine, decoder, settings);
    return new LanguageTrainer(learner, Trainer.begin(engine, learner, settings.trainer()));
  }

  /**
   * Resumes the trainer that was saved, bit for bit.
   *
   * @throws IOException if a file is missing or does not fit the configuration, or if one of both
   *     trainings keeps an average of the weights and the other does not, or computes in another
   *     precision
   * @throws IllegalArgumentException if the model cannot be trained in the settings' precision
   */
  public static LanguageTrainer restore(
      TensorEngine engine, Path directory, LanguageTrainingSettings settings) throws IOException {
    TrainingFolder folder = new TrainingFolder(directory);
    Path weights = folder.rawWeights(settings.trainer().averages());
    LanguageLearner learner =
        LanguageLearner.of(engine, ModelFolder.load(engine, directory, weights), settings);
    return new LanguageTrainer(
        learner, Trainer.resume(engine, folder, learner, settings.trainer()));
  }

  /**
   * One optimizer step on one batch.
   *
   * @throws io.millrace.tensor.optimizer.NonFiniteGradientException if the gradients are not
   *     finite; the model is as it was
   */
  public StepReport step(PackedBatch batch, double learningRate) {
    return step(List.of(batch), learningRate);
  }

  /**
   * One optimizer step on the micro-batches together: gradients are normalised by the targets of
   * all of them, so that their number changes nothing but rounding.
   */
  public StepReport step(List<PackedBatch> batches, double learningRate) {
    return trainer.step(batches, learningRate);
  }

  /**
   * Sum of -log p over the batch's targets, under the policy that training has for documents of one
   * pack, by the average of the weights if there is one; changes nothing.
   */
  public LossSum evaluate(PackedBatch batch) {
    return learner.evaluate(trainer.published(), batch);
  }

  /**
   * How often greedy speculative decoding would keep what the MTP modules draft, along the batch's
   * own tokens: module k, which has seen the k tokens behind a place, drafts the token after them,
   * and the draft is accepted if it is the likeliest token of the main head at the last of these.
   * Drafts count where the token they are for is a target; changes nothing.
   *
   * @return one entry a module, the nearest first; empty for a model without
   */
  public List<DraftAcceptance> acceptance(PackedBatch batch) {
    return learner.acceptance(trainer.published(), batch);
  }

  /**
   * Share of the last step's tokens that each routed expert got, by layer: those of the decoder
   * that have experts, then the MTP modules; empty before the first step and without experts.
   */
  public double[][] expertLoads() {
    return Arrays.stream(learner.expertLoads()).map(double[]::clone).toArray(double[][]::new);
  }

  /** The same averaged over the layers. */
  public double[] expertLoad() {
    return ExpertLoads.mean(learner.expertLoads());
  }

  /** The model that learns. */
  public LanguageConfig config() {
    return learner.decoder().config();
  }

  /** Learned values. */
  public long parameters() {
    return learner.decoder().layout().parameters();
  }

  /** Learned values that take part in one token's forward pass. */
  public long activeParameters() {
    return learner.decoder().layout().activeParameters();
  }

  /** Optimizer steps made since the model was created. */
  public long steps() {
    return trainer.steps();
  }

  /** Writes a {@link TrainingFolder}, which is the model's folder too. */
  public void save(Path directory) throws IOException {
    trainer.save(directory);
  }

  @Override
  public void close() {
    trainer.close();
  }
}
