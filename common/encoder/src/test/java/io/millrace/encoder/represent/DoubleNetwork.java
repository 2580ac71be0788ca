package io.millrace.encoder.represent;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.millrace.encoder.encode.EncoderBatch;
import io.millrace.encoder.encode.EncoderConfig;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.tensor.parameter.ParameterSpec;
import io.millrace.vision.network.NetworkWeights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** An encoder in float64 with weights of random values that are all of about the same size. */
final class DoubleNetwork implements AutoCloseable {

  private static final TensorEngine ENGINE = TensorEngine.start("cpu");

  final Kernels kernels;
  final NDManager manager = ENGINE.newManager();
  final NDList weights = new NDList();
  private final EncoderConfig config;
  private final KernelTuple tuple;
  private final List<ParameterSpec> specs;

  DoubleNetwork(EncoderConfig config, double size, long seed, KernelSource... further) {
    this.config = config;
    List<KernelSource> sources = new ArrayList<>(config.kernels());
    sources.addAll(RepresentationLearner.KERNELS);
    sources.addAll(List.of(further));
    this.kernels = Kernels.shared(ENGINE, sources);
    NetworkWeights layout = new NetworkWeights(config.layers());
    this.tuple = config.tuple(layout);
    this.specs = layout.specs();
    Random random = new Random(seed);
    for (ParameterSpec spec : specs) {
      double[] values = random.doubles(spec.count()).map(x -> (2 * x - 1) * size).toArray();
      weights.add(manager.create(values, spec.shape()));
    }
  }

  /** A weight as rows. */
  double[][] rows(String name) {
    NDArray weight = weight(name);
    int rows = (int) weight.getShape().get(0);
    double[] values = weight.toDoubleArray();
    int columns = values.length / rows;
    double[][] matrix = new double[rows][];
    for (int i = 0; i < rows; i++) {
      matrix[i] = Arrays.copyOfRange(values, i * columns, (i + 1) * columns);
    }
    return matrix;
  }

  double[] vector(String name) {
    return weight(name).toDoubleArray();
  }

  private NDArray weight(String name) {
    for (int i = 0; i < specs.size(); i++) {
      if (specs.get(i).name().equals(name)) {
        return weights.get(i);
      }
    }
    throw new IllegalArgumentException(name);
  }

  Pairs pairs(EncoderBatch batch) {
    return Pairs.of(config.encoder().sequences(batch), config.steps());
  }

  KernelValue make(NDList tensors) {
    return kernels.make(tuple, tensors);
  }

  /** Losses, right predictions and logarithms of candidates, of every step. */
  double[] sums(Objective objective, EncoderBatch batch) {
    Pairs pairs = pairs(batch);
    try (NDManager scratch = manager.newSubManager();
        KernelValue network = make(weights);
        KernelValue asked = kernels.make(objective.tuple(7), new NDList())) {
      NDList result =
          kernels.run(
              scratch,
              "prediction_sums",
              network,
              asked,
              batch.values(scratch),
              batch.starts(),
              scratch.create(pairs.places()),
              pairs.counts());
      return result.singletonOrThrow().toDoubleArray();
    }
  }

  /** The loss with other weights. */
  double loss(NDList tensors, Objective objective, EncoderBatch batch) {
    Pairs pairs = pairs(batch);
    try (NDManager scratch = manager.newSubManager();
        KernelValue network = make(tensors);
        KernelValue asked = kernels.make(objective.tuple(7), new NDList())) {
      NDList result =
          kernels.run(
              scratch,
              "prediction_loss",
              network,
              asked,
              batch.values(scratch),
              batch.starts(),
              scratch.create(pairs.places()),
              pairs.counts(),
              totals(pairs));
      return result.singletonOrThrow().toDoubleArray()[0];
    }
  }

  /** Its gradients by all weights. */
  NDList gradients(Objective objective, EncoderBatch batch) {
    Pairs pairs = pairs(batch);
    NDList gradients = new NDList();
    weights.forEach(weight -> gradients.add(manager.zeros(weight.getShape(), DataType.FLOAT64)));
    try (NDManager scratch = manager.newSubManager();
        KernelValue network = kernels.makeLearned(tuple, weights);
        KernelValue asked = kernels.make(objective.tuple(7), new NDList());
        KernelValue changes = kernels.make(PictureChanges.NONE.tuple(0), new NDList())) {
      NDList unused =
          kernels.runRecording(
              scratch,
              "add_prediction_gradients",
              gradients,
              network,
              asked,
              changes,
              batch.values(scratch),
              batch.starts(),
              scratch.create(pairs.places()),
              pairs.counts(),
              totals(pairs));
    }
    return gradients;
  }

  private static double[] totals(Pairs pairs) {
    return Arrays.stream(pairs.counts()).asDoubleStream().toArray();
  }

  @Override
  public void close() {
    manager.close();
  }
}
