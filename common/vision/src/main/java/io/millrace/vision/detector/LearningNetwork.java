package io.millrace.vision.detector;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.tensor.loss.Loss;
import io.millrace.tensor.parameter.ParameterStore;
import io.millrace.vision.network.Products;

/**
 * A network as a step learns from it: with the weights of its layers in the number format of its
 * products, and with statistics of batch normalisation that batches move, both copies but for
 * float32 weights.
 *
 * <p>Weights are copied when a step begins; statistics take the place of the model's own only when
 * the step is made, so that one that fails leaves the model as it was.
 */
public final class LearningNetwork implements AutoCloseable {

  private final NDManager manager;
  private final Kernels kernels;
  private final NDList own;
  private final NDList moving = new NDList();
  private final NDList masters;
  private final NDList copies;
  private final KernelValue value;

  /** Of a network, which outlives this and learns by its head's own losses. */
  public LearningNetwork(TensorEngine engine, DetectorNetwork network, Products products) {
    this(engine, network, products, DetectorNetwork.kernels(engine, network.config(), products));
  }

  /**
   * The same that learns its heat maps by another loss.
   *
   * @throws IllegalArgumentException if its head cannot be learned by it
   */
  public LearningNetwork(
      TensorEngine engine, DetectorNetwork network, Products products, Loss loss) {
    this(
        engine,
        network,
        products,
        DetectorNetwork.kernels(engine, network.config(), products, loss));
  }

  private LearningNetwork(
      TensorEngine engine, DetectorNetwork network, Products products, Kernels kernels) {
    DetectorLayout layout = network.layout();
    ParameterStore weights = network.weights();
    this.manager = engine.newManager();
    this.kernels = kernels;
    this.own = layout.statistics(weights);
    for (NDArray statistic : own) {
      moving.add(manager.zeros(statistic.getShape()));
    }
    this.masters =
        switch (products) {
          case F32, COUNTED -> new NDList();
          case BF16 -> layout.layerWeights(weights);
        };
    this.copies = masters.isEmpty() ? masters : kernels.run(manager, "rounded", masters);
    NDList tensors = layout.ordered(weights.learnedTensors(), moving);
    layout.putLayers(tensors, copies);
    this.value = kernels.makeLearned(layout.network(), tensors);
  }

  /** The functions of {@code detector.py} and of the parts, with products of this kind. */
  public Kernels kernels() {
    return kernels;
  }

  /** What {@link #kernels} take for the network. */
  public KernelValue value() {
    return value;
  }

  /** Begins a step at the model's own weights and statistics. */
  public void begin() {
    overwrite(moving, own);
    overwrite(copies, masters);
  }

  /** Gives the model what the step's batches have moved. */
  public void end() {
    overwrite(own, moving);
  }

  private void overwrite(NDList targets, NDList values) {
    if (targets.isEmpty()) {
      return;
    }
    try (NDManager scratch = manager.newSubManager()) {
      NDList unused = kernels.run(scratch, "overwrite", targets, values);
    }
  }

  @Override
  public void close() {
    value.close();
    manager.close();
  }
}
