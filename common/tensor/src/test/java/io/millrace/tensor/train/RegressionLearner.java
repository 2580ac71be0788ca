package io.millrace.tensor.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.tensor.parameter.FlatTensors;
import io.millrace.tensor.parameter.Initializer;
import io.millrace.tensor.parameter.ParameterGroup;
import io.millrace.tensor.parameter.ParameterSpec;
import io.millrace.tensor.parameter.ParameterStore;
import io.millrace.tensor.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** All that a new task needs: weights, a kernel, and how a batch becomes its arguments. */
final class RegressionLearner implements Learner<Examples, RegressionLearner.Report> {

  private static final List<ParameterSpec> SPECS =
      List.of(
          new ParameterSpec(
              "weight",
              new Shape(Examples.INPUTS),
              new Initializer.Normal(0.5),
              ParameterGroup.DECAY),
          new ParameterSpec("bias", new Shape(1), new Initializer.Zeros(), ParameterGroup.NO_DECAY),
          new ParameterSpec("seen", new Shape(1), new Initializer.Zeros(), ParameterGroup.BUFFER));

  private final ParameterStore weights;
  private final Kernels kernels;
  private final String unit;
  private boolean closed;

  private RegressionLearner(TensorEngine engine, ParameterStore weights, String unit) {
    this.weights = weights;
    this.unit = unit;
    this.kernels = Kernels.shared(engine, RegressionLearner.class, "regression.py");
  }

  /** A fresh model; the unit is a setting that a resumed training must have again. */
  static RegressionLearner create(TensorEngine engine, long seed, String unit) {
    return new RegressionLearner(engine, ParameterStore.create(engine, SPECS, seed), unit);
  }

  /** The model of a file of weights. */
  static RegressionLearner load(TensorEngine engine, Path weights, String unit) {
    ParameterStore store = ParameterStore.zeros(engine, SPECS);
    try (SafetensorsFile file = SafetensorsFile.open(weights)) {
      store.load(file);
    }
    return new RegressionLearner(engine, store, unit);
  }

  /**
   * What a step saw.
   *
   * @param loss mean squared error
   * @param gradientNorm before clipping
   */
  record Report(double loss, double gradientNorm) {}

  @Override
  public ParameterStore weights() {
    return weights;
  }

  @Override
  public Step<Report> begin(List<Examples> batches, long step) {
    double examples = batches.stream().mapToInt(Examples::count).sum();
    return new Step<>() {
      @Override
      public NDList addGradients(int batch, NDManager results, FlatTensors gradients) {
        Examples some = batches.get(batch);
        NDArray inputs = results.create(some.inputs(), new Shape(some.count(), Examples.INPUTS));
        return kernels.run(
            results,
            "add_gradients",
            gradients.tensors(),
            weights.get("weight"),
            weights.get("bias"),
            inputs,
            results.create(some.targets()),
            examples);
      }

      @Override
      public Report end(NDManager scratch, NDList sums, double gradientNorm) {
        kernels.run(scratch, "see", weights.get("seen"), examples);
        return new Report(sums.singletonOrThrow().toFloatArray()[0], gradientNorm);
      }
    };
  }

  @Override
  public void saveConfig(Path directory) throws IOException {
    Files.writeString(directory.resolve("config.json"), "{\"inputs\": 3}");
  }

  @Override
  public Map<String, String> settings() {
    return Map.of("unit", unit);
  }

  @Override
  public void requireResumable(Map<String, String> saved) {
    String before = saved.getOrDefault("unit", "m");
    if (!before.equals(unit)) {
      throw new IllegalArgumentException("it was in %s, not in %s".formatted(before, unit));
    }
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    closed = true;
    weights.close();
  }
}
