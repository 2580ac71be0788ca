package io.millrace.language.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.model.Decoder;
import io.millrace.language.model.ModelFolder;
import io.millrace.language.model.Products;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.optimizer.AdamW;
import io.millrace.tensor.optimizer.WeightAverage;
import io.millrace.tensor.parameter.FlatTensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Trains a decoder: one kernel call for forward, backward and loads, one for the optimizer, one for
 * the selection biases.
 *
 * <p>Not for use by several threads at once.
 */
public final class LanguageTrainer implements AutoCloseable {

  private final TensorEngine engine;
  private final Decoder decoder;
  private final Products products;
  private final AdamW optimizer;
  private final FlatTensors gradients;
  private final @Nullable WeightAverage average;
  private final LanguageTrainingSettings settings;
  private double[][] expertLoads = {};

  private LanguageTrainer(
      TensorEngine engine,
      Decoder decoder,
      AdamW optimizer,
      FlatTensors gradients,
      @Nullable WeightAverage average,
      LanguageTrainingSettings settings) {
    this.engine = engine;
    this.decoder = decoder;
    this.optimizer = optimizer;
    this.gradients = gradients;
    this.average = average;
    this.settings = settings;
    this.products = settings.precision().products(engine);
  }

  /** Takes the decoder over, whether it succeeds or not. */
  private static LanguageTrainer of(
      TensorEngine engine, Decoder decoder, LanguageTrainingSettings settings) {
    AdamW optimizer = null;
    FlatTensors gradients = null;
    WeightAverage average = null;
    try {
      settings.precision().requireCovers(decoder.config());
      optimizer =
          new AdamW(
              engine,
              decoder.weights(),
              settings.optimizer().withMoments(settings.precision().moments()));
      gradients = decoder.weights().newLearnedZeros();
      if (settings.emaDecay() > 0) {
        average = new WeightAverage(engine, decoder.weights(), settings.emaDecay());
      }
      return new LanguageTrainer(engine, decoder, optimizer, gradients, average, settings);
    } catch (RuntimeException | Error e) {
      close(average, gradients, optimizer, decoder);
      throw e;
    }
  }

  /**
   * A trainer of a fresh model whose weights depend on the seed alone.
   *
   * @throws IllegalArgumentException if the model cannot be trained in the settings' precision
   */
  public static LanguageTrainer create(
      TensorEngine engine, LanguageConfig config, LanguageTrainingSettings settings, long seed) {
    settings.precision().requireCovers(config);
    return of(engine, Decoder.create(engine, config, seed), settings);
  }

  /**
   * A trainer that begins with the weights of a model, whoever trained it: those that are published
   * where it keeps an average.
   *
   * @throws IOException if a file is missing or does not fit the configuration
   * @throws IllegalArgumentException if the model cannot be trained in the settings' precision
   */
  public static LanguageTrainer from(
      TensorEngine engine, Path model, LanguageTrainingSettings settings) throws IOException {
    return of(engine, ModelFolder.load(engine, model), settings);
  }

  /**
   * The trainer that was saved; it goes on bit for bit.
   *
   * @throws IOException if a file is missing or does not fit the configuration, or if one of both
   *     trainings keeps an average of the weights and the other does not, or computes in another
   *     precision
   * @throws IllegalArgumentException if the model cannot be trained in the settings' precision
   */
  public static LanguageTrainer restore(
      TensorEngine engine, Path directory, LanguageTrainingSettings settings) throws IOException {
    Decoder decoder = ModelFolder.loadRaw(engine, directory, settings.emaDecay() > 0);
    LanguageTrainer trainer = of(engine, decoder, settings);
    try {
      ModelFolder.loadState(directory, settings.precision().key(), trainer.optimizer);
      if (trainer.average != null) {
        ModelFolder.loadAverages(engine, directory, trainer.average.averages());
      }
      return trainer;
    } catch (IOException | RuntimeException | Error e) {
      trainer.close();
      throw e;
    }
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
    double[] normalisers =
        BatchArguments.normalisers(batches, decoder.config().numNextnPredictLayers());
    gradients.clear();
    try (NDManager scratch = engine.newManager()) {
      NDList sum = addGradients(scratch, batches.getFirst(), normalisers);
      for (PackedBatch batch : batches.subList(1, batches.size())) {
        NDList next = addGradients(scratch, batch, normalisers);
        decoder.kernels().runForReading(scratch, "accumulate", sum, next);
      }
      NDArray loads = sum.get(1);
      double norm = optimizer.step(gradients, learningRate);
      if (average != null) {
        average.update(optimizer.steps());
      }
      if (!decoder.biases().isEmpty()) {
        decoder
            .kernels()
            .runForReading(scratch, "update_biases", decoder.biases(), loads, settings.biasSpeed());
        expertLoads = ExpertLoads.shares(loads);
      }
      float[] losses = sum.get(0).toFloatArray();
      return new StepReport(
          losses[0],
          losses[1],
          losses[2],
          norm,
          (long) normalisers[0],
          batches.stream().mapToLong(PackedBatch::tokens).sum());
    }
  }

  /** Adds a micro-batch's gradients to the others; its losses [3] and loads [M, E]. */
  private NDList addGradients(NDManager scratch, PackedBatch batch, double[] normalisers) {
    return decoder.addGradients(
        scratch,
        gradients.tensors(),
        BatchArguments.ids(scratch, batch),
        BatchArguments.starts(batch.documentStarts()),
        BatchArguments.starts(batch.spans(settings.documents())),
        BatchArguments.mask(scratch, batch),
        normalisers,
        new double[] {settings.mtpWeight(), settings.balanceWeight()},
        settings.recomputation().every(),
        products);
  }

  /**
   * Sum of -log p over the batch's targets, under the policy that training has for documents of one
   * pack, by the average of the weights if there is one; changes nothing.
   */
  public LossSum evaluate(PackedBatch batch) {
    try (NDManager scratch = engine.newManager()) {
      NDList sum = read(scratch, "evaluate", batch);
      return new LossSum(sum.singletonOrThrow().getDouble(), batch.targets(1));
    }
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
    try (NDManager scratch = engine.newManager()) {
      long[] accepted = read(scratch, "accepted_drafts", batch).singletonOrThrow().toLongArray();
      return IntStream.range(0, accepted.length)
          .mapToObj(k -> new DraftAcceptance(accepted[k], batch.targets(k + 2)))
          .toList();
    }
  }

  /** Calls a kernel that learns nothing, with the weights that are published. */
  private NDList read(NDManager scratch, String kernel, PackedBatch batch) {
    NDList weights = average == null ? decoder.weights().learnedTensors() : average.tensors();
    return decoder.callWith(
        weights,
        scratch,
        /* recording= */ false,
        kernel,
        BatchArguments.ids(scratch, batch),
        BatchArguments.starts(batch.documentStarts()),
        BatchArguments.starts(batch.spans(settings.documents())),
        BatchArguments.mask(scratch, batch));
  }

  /**
   * Share of the last step's tokens that each routed expert got, by layer: those of the decoder
   * that have experts, then the MTP modules; empty before the first step and without experts.
   */
  public double[][] expertLoads() {
    return Arrays.stream(expertLoads).map(double[]::clone).toArray(double[][]::new);
  }

  /** The same averaged over the layers. */
  public double[] expertLoad() {
    return ExpertLoads.mean(expertLoads);
  }

  /** The model that learns. */
  public LanguageConfig config() {
    return decoder.config();
  }

  /** Learned values. */
  public long parameters() {
    return decoder.layout().parameters();
  }

  /** Learned values that take part in one token's forward pass. */
  public long activeParameters() {
    return decoder.layout().activeParameters();
  }

  /** Optimizer steps made since the model was created. */
  public long steps() {
    return optimizer.steps();
  }

  /**
   * Writes the model folder and the optimizer's state. With an average of the weights that is the
   * model, and the weights that training goes on with lie beside it.
   */
  public void save(Path directory) throws IOException {
    if (average == null) {
      ModelFolder.save(engine, decoder, directory);
    } else {
      ModelFolder.save(engine, decoder, average.averages().asMap(), directory);
    }
    ModelFolder.saveState(optimizer.state(), settings.precision().key(), directory);
  }

  @Override
  public void close() {
    close(average, gradients, optimizer, decoder);
  }

  private static void close(
      @Nullable WeightAverage average,
      @Nullable FlatTensors gradients,
      @Nullable AdamW optimizer,
      Decoder decoder) {
    if (average != null) {
      average.close();
    }
    if (gradients != null) {
      gradients.close();
    }
    if (optimizer != null) {
      optimizer.close();
    }
    decoder.close();
  }
}
