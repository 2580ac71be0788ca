package io.millrace.language.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.millrace.language.config.ConfigFile;
import io.millrace.language.config.LanguageConfig;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.parameter.ParameterSpec;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/** A small decoder with random weights in float64, for tests that compare ways to compute. */
final class DoubleDecoder implements AutoCloseable {

  static final double[] LOSS_WEIGHTS = {0.3, 0.1};

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final LanguageConfig config;
  private final DecoderLayout layout;
  private final DecoderKernels kernels;
  private final KernelValue kernelWeights;
  private final KernelValue learnedWeights;
  final NDManager manager = engine.newManager();
  final NDList weights = new NDList();
  final NDList biases = new NDList();

  DoubleDecoder(Map<String, ?> keys) {
    this.config = config(keys);
    this.layout = new DecoderLayout(config);
    Random random = new Random(5);
    for (ParameterSpec spec : layout.specs()) {
      double around = spec.name().endsWith("norm.weight") ? 1 : 0;
      double[] values = random.doubles(spec.count(), around - 0.4, around + 0.4).toArray();
      (spec.group().learned() ? weights : biases).add(manager.create(values, spec.shape()));
    }
    this.kernels = new DecoderKernels(engine, layout, Products.F32);
    this.kernelWeights = kernels.weights(biases, weights);
    this.learnedWeights = kernels.learnedWeights(biases, weights);
  }

  /** A golden configuration with other values for some keys. */
  static LanguageConfig config(Map<String, ?> keys) {
    try {
      Path file =
          Path.of(
              Objects.requireNonNull(
                      DoubleDecoder.class.getResource("golden/compressed-grouped/config.json"))
                  .toURI());
      return ConfigFile.read(file.resolveSibling(""), keys);
    } catch (IOException | URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  LanguageConfig config() {
    return config;
  }

  DecoderLayout layout() {
    return layout;
  }

  /** Losses [3], loads [M, E], then the gradient of every weight, by autograd. */
  NDList byAutograd(int[] ids, long[] starts, long[] spans, double... normalisers) {
    return kernels
        .kernels()
        .runRecording(
            manager,
            "training_step",
            learnedWeights,
            manager.create(ids),
            starts,
            spans,
            mask(ids.length),
            normalisers,
            LOSS_WEIGHTS,
            kernels.shape());
  }

  /** The same by the hand-written step. */
  NDList byHand(int recomputeEvery, int[] ids, long[] starts, long[] spans, double... normalisers) {
    NDList gradients = zeroGradients();
    try (KernelValue added = kernels.weights(biases, gradients)) {
      NDList all =
          kernels
              .kernels()
              .run(
                  manager,
                  "fused_step",
                  kernelWeights,
                  added,
                  manager.create(ids),
                  starts,
                  spans,
                  mask(ids.length),
                  normalisers,
                  LOSS_WEIGHTS,
                  recomputeEvery,
                  kernels.shape());
      all.addAll(gradients);
      return all;
    }
  }

  /** The same by autograd layer by layer. */
  NDList byLayers(
      int recomputeEvery, int[] ids, long[] starts, long[] spans, double... normalisers) {
    NDList gradients = zeroGradients();
    try (KernelValue added = kernels.weights(biases, gradients)) {
      NDList all =
          kernels
              .kernels()
              .runRecording(
                  manager,
                  "recomputing_step",
                  kernelWeights,
                  learnedWeights,
                  added,
                  manager.create(ids),
                  starts,
                  spans,
                  mask(ids.length),
                  normalisers,
                  LOSS_WEIGHTS,
                  recomputeEvery,
                  kernels.shape());
      all.addAll(gradients);
      return all;
    }
  }

  private NDList zeroGradients() {
    NDList gradients = new NDList();
    weights.forEach(weight -> gradients.add(weight.zerosLike()));
    return gradients;
  }

  /** Logits [T, V] of the main head, then of every MTP module. */
  NDList logits(int[] ids, long... starts) {
    return kernels
        .kernels()
        .run(manager, "logits", kernelWeights, manager.create(ids), starts, kernels.shape());
  }

  /** Sum of -log p over all targets. */
  double evaluate(int[] ids, long[] starts, long[] spans) {
    return read("evaluate", ids, starts, spans).getDouble();
  }

  /** Drafts of each MTP module that the main head gives too. */
  long[] acceptedDrafts(int[] ids, long[] starts, long[] spans) {
    return read("accepted_drafts", ids, starts, spans).toLongArray();
  }

  private NDArray read(String kernel, int[] ids, long[] starts, long[] spans) {
    return run(kernel, manager.create(ids), starts, spans, mask(ids.length));
  }

  /** What a kernel gives for the weights, these arguments and the shape. */
  NDArray run(String kernel, Object... arguments) {
    Object[] all = new Object[arguments.length + 2];
    all[0] = kernelWeights;
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    all[all.length - 1] = kernels.shape();
    return kernels.kernels().run(manager, kernel, all).singletonOrThrow();
  }

  /** One learned weight. */
  NDArray weight(String name) {
    List<String> names =
        layout.specs().stream()
            .filter(spec -> spec.group().learned())
            .map(ParameterSpec::name)
            .toList();
    return weights.get(names.indexOf(name));
  }

  /** A matrix row by row. */
  static double[][] rows(NDArray matrix) {
    double[] values = matrix.toDoubleArray();
    int width = (int) matrix.getShape().get(1);
    double[][] rows = new double[values.length / width][width];
    for (int i = 0; i < values.length; i++) {
      rows[i / width][i % width] = values[i];
    }
    return rows;
  }

  static double logProbability(double[] logits, int token) {
    double sum = 0;
    for (double logit : logits) {
      sum += Math.exp(logit);
    }
    return logits[token] - Math.log(sum);
  }

  static int[] randomIds(int count, long seed) {
    return new Random(seed).ints(count, 0, 40).toArray();
  }

  static double distance(NDArray a, NDArray b) {
    return a.getShape().size() == 0 ? 0 : a.sub(b).abs().max().getDouble();
  }

  private NDArray mask(int tokens) {
    byte[] all = new byte[tokens];
    Arrays.fill(all, (byte) 1);
    return manager.create(all).toType(DataType.UINT8, false);
  }

  @Override
  public void close() {
    learnedWeights.close();
    kernelWeights.close();
    kernels.close();
    manager.close();
  }
}
