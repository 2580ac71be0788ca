package io.millrace.language.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.millrace.language.config.ConfigFile;
import io.millrace.language.config.LanguageConfig;
import io.millrace.tensor.engine.TensorEngine;
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
    return Decoder.kernels(engine, config.hiddenAct())
        .runRecording(
            manager,
            "training_step",
            weights,
            biases,
            manager.create(ids),
            starts,
            spans,
            mask(ids.length),
            normalisers,
            LOSS_WEIGHTS,
            layout.dims(),
            layout.consts());
  }

  /** The same by the hand-written step. */
  NDList byHand(int recomputeEvery, int[] ids, long[] starts, long[] spans, double... normalisers) {
    return addingUp("fused_step", recomputeEvery, ids, starts, spans, normalisers);
  }

  /** The same by autograd layer by layer. */
  NDList byLayers(
      int recomputeEvery, int[] ids, long[] starts, long[] spans, double... normalisers) {
    return addingUp("recomputing_step", recomputeEvery, ids, starts, spans, normalisers);
  }

  private NDList addingUp(
      String kernel,
      int recomputeEvery,
      int[] ids,
      long[] starts,
      long[] spans,
      double... normalisers) {
    NDList gradients = new NDList();
    weights.forEach(weight -> gradients.add(weight.zerosLike()));
    NDList all =
        Decoder.kernels(engine, config.hiddenAct())
            .runRecording(
                manager,
                kernel,
                weights,
                biases,
                gradients,
                manager.create(ids),
                starts,
                spans,
                mask(ids.length),
                normalisers,
                LOSS_WEIGHTS,
                recomputeEvery,
                layout.dims(),
                layout.consts());
    all.addAll(gradients);
    return all;
  }

  /** Logits [T, V] of the main head, then of every MTP module. */
  NDList logits(int[] ids, long... starts) {
    return Decoder.kernels(engine, config.hiddenAct())
        .run(
            manager,
            "logits",
            weights,
            biases,
            manager.create(ids),
            starts,
            layout.dims(),
            layout.consts());
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
    return Decoder.kernels(engine, config.hiddenAct())
        .run(
            manager,
            kernel,
            weights,
            biases,
            manager.create(ids),
            starts,
            spans,
            mask(ids.length),
            layout.dims(),
            layout.consts())
        .singletonOrThrow();
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
    manager.close();
  }
}
