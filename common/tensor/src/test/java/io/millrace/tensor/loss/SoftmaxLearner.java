package io.millrace.tensor.loss;

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
import io.millrace.tensor.train.Learner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The smallest classifier: one layer, whose loss is that of a plan. */
final class SoftmaxLearner implements Learner<SoftmaxLearner.Batch, Double> {

  static final int INPUTS = 4;
  static final int CLASSES = 3;

  private static final List<ParameterSpec> SPECS =
      List.of(
          new ParameterSpec(
              "weight",
              new Shape(CLASSES, INPUTS),
              new Initializer.Normal(0.5),
              ParameterGroup.DECAY));

  private final ParameterStore weights;
  private final Kernels kernels;
  private final PlannedLoss loss;
  private final String plan;

  private SoftmaxLearner(TensorEngine engine, ParameterStore weights, String plan, long steps) {
    this.weights = weights;
    this.plan = plan;
    this.kernels = Kernels.shared(engine, SoftmaxLearner.class, "softmax_learner.py");
    this.loss = new PlannedLoss(engine, LossPlan.read(plan), steps, /* seed= */ 3);
  }

  static SoftmaxLearner create(TensorEngine engine, String plan, long steps) {
    return new SoftmaxLearner(engine, ParameterStore.create(engine, SPECS, 1), plan, steps);
  }

  static SoftmaxLearner load(TensorEngine engine, Path weights, String plan, long steps) {
    ParameterStore store = ParameterStore.zeros(engine, SPECS);
    try (SafetensorsFile file = SafetensorsFile.open(weights)) {
      store.load(file);
    }
    return new SoftmaxLearner(engine, store, plan, steps);
  }

  /**
   * Some rows.
   *
   * @param inputs of all rows, one after the other
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Batch(float[] inputs, RowLabels labels) {}

  @Override
  public ParameterStore weights() {
    return weights;
  }

  @Override
  public Step<Double> begin(List<Batch> batches, long step) {
    StepLoss whole = loss.begin(step, batches.stream().map(Batch::labels).toList());
    return new Step<>() {
      @Override
      public NDList addGradients(int at, NDManager results, FlatTensors gradients) {
        NDList found = whole.slope(at, results, batch -> logits(batches.get(batch), results));
        kernels.run(
            results,
            "add_gradients",
            gradients.tensors(),
            inputs(batches.get(at), results),
            found.get(1));
        return new NDList(found.get(0));
      }

      @Override
      public Double end(NDManager scratch, NDList sums, double gradientNorm) {
        return (double) sums.singletonOrThrow().toFloatArray()[0];
      }
    };
  }

  private NDArray logits(Batch batch, NDManager results) {
    return kernels
        .run(results, "logits", inputs(batch, results), weights.get("weight"))
        .singletonOrThrow();
  }

  private static NDArray inputs(Batch batch, NDManager results) {
    return results.create(batch.inputs(), new Shape(batch.labels().count(), INPUTS));
  }

  @Override
  public void saveConfig(Path directory) throws IOException {
    Files.writeString(directory.resolve("config.json"), "{}");
  }

  @Override
  public Map<String, String> settings() {
    return Map.of("loss", plan);
  }

  @Override
  public void close() {
    weights.close();
  }
}
