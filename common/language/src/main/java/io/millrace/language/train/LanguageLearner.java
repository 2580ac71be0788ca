package io.millrace.language.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.millrace.language.config.ConfigFile;
import io.millrace.language.model.Decoder;
import io.millrace.language.model.ModelFolder;
import io.millrace.language.model.Products;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.parameter.FlatTensors;
import io.millrace.tensor.parameter.ParameterStore;
import io.millrace.tensor.train.Learner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A decoder that learns: one kernel call per batch for forward, backward and the loads of experts,
 * and one per step for the selection biases.
 */
final class LanguageLearner implements Learner<PackedBatch, StepReport> {

  private static final String PRECISION = "precision";

  private final TensorEngine engine;
  private final Decoder decoder;
  private final LanguageTrainingSettings settings;
  private final Products products;
  private double[][] expertLoads = {};

  /** A learner that computes with these products; it owns the decoder. */
  LanguageLearner(
      TensorEngine engine, Decoder decoder, LanguageTrainingSettings settings, Products products) {
    this.engine = engine;
    this.decoder = decoder;
    this.settings = settings;
    this.products = products;
  }

  /**
   * A learner that owns the decoder, which is closed if this fails.
   *
   * @throws IllegalArgumentException if the model cannot be trained in the settings' precision
   */
  static LanguageLearner of(
      TensorEngine engine, Decoder decoder, LanguageTrainingSettings settings) {
    try {
      settings.precision().requireCovers(decoder.config());
      Products products = settings.precision().products(engine, decoder.config());
      return new LanguageLearner(engine, decoder, settings, products);
    } catch (RuntimeException | Error e) {
      decoder.close();
      throw e;
    }
  }

  @Override
  public ParameterStore weights() {
    return decoder.weights();
  }

  @Override
  public Step<StepReport> begin(List<PackedBatch> batches, long step) {
    decoder.beginStep(products);
    return new LanguageStep(
        batches, BatchArguments.normalisers(batches, decoder.config().numNextnPredictLayers()));
  }

  /** Losses [3] (main, MTP, balance) and the loads of experts [layers, E] are added up. */
  private final class LanguageStep implements Step<StepReport> {

    private final List<PackedBatch> batches;
    private final double[] normalisers;

    LanguageStep(List<PackedBatch> batches, double[] normalisers) {
      this.batches = batches;
      this.normalisers = normalisers;
    }

    @Override
    public NDList addGradients(int at, NDManager results, FlatTensors gradients) {
      PackedBatch batch = batches.get(at);
      return decoder.addGradients(
          results,
          gradients.tensors(),
          BatchArguments.ids(results, batch),
          BatchArguments.starts(batch.documentStarts()),
          BatchArguments.starts(batch.spans(settings.documents())),
          BatchArguments.mask(results, batch),
          normalisers,
          new double[] {settings.mtpWeight(), settings.balanceWeight()},
          settings.recomputation().every(),
          products);
    }

    @Override
    public StepReport end(NDManager scratch, NDList sums, double gradientNorm) {
      NDArray loads = sums.get(1);
      if (!decoder.biases().isEmpty()) {
        decoder
            .kernels()
            .runForReading(scratch, "update_biases", decoder.biases(), loads, settings.biasSpeed());
        expertLoads = ExpertLoads.shares(loads);
      }
      float[] losses = sums.get(0).toFloatArray();
      return new StepReport(
          losses[0],
          losses[1],
          losses[2],
          gradientNorm,
          (long) normalisers[0],
          batches.stream().mapToLong(PackedBatch::tokens).sum());
    }
  }

  /** Sum of -log p over the batch's targets by some learned weights; changes nothing. */
  LossSum evaluate(NDList weights, PackedBatch batch) {
    try (NDManager scratch = engine.newManager()) {
      NDList sum = read(weights, scratch, "evaluate", batch);
      return new LossSum(sum.singletonOrThrow().getDouble(), batch.targets(1));
    }
  }

  /** Drafts of the MTP modules that the main head would have given; changes nothing. */
  List<DraftAcceptance> acceptance(NDList weights, PackedBatch batch) {
    try (NDManager scratch = engine.newManager()) {
      long[] accepted =
          read(weights, scratch, "accepted_drafts", batch).singletonOrThrow().toLongArray();
      return IntStream.range(0, accepted.length)
          .mapToObj(k -> new DraftAcceptance(accepted[k], batch.targets(k + 2)))
          .toList();
    }
  }

  /** Calls a kernel that learns nothing. */
  private NDList read(NDList weights, NDManager scratch, String kernel, PackedBatch batch) {
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

  /** Share of the last step's tokens that each routed expert got, by layer. */
  double[][] expertLoads() {
    return expertLoads;
  }

  Decoder decoder() {
    return decoder;
  }

  @Override
  public void saveConfig(Path directory) throws IOException {
    ConfigFile.write(decoder.config(), directory);
  }

  @Override
  public void writeWeights(Path file, Map<String, NDArray> averages) {
    ModelFolder.writeWeights(engine, decoder, averages, file);
  }

  @Override
  public void readLearned(Path file, FlatTensors learned) throws IOException {
    ModelFolder.readWeights(engine, decoder.config(), file, learned);
  }

  @Override
  public Map<String, String> settings() {
    return Map.of(PRECISION, settings.precision().key());
  }

  /** Trainings that were saved before there was a choice were in float32. */
  @Override
  public void requireResumable(Map<String, String> saved) {
    String before = saved.getOrDefault(PRECISION, Precision.F32.key());
    String now = settings.precision().key();
    if (!before.equals(now)) {
      throw new IllegalArgumentException(
          "its training was in precision %s and cannot go on in %s".formatted(before, now));
    }
  }

  @Override
  public void close() {
    decoder.close();
  }
}
