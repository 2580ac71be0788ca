package io.millrace.encoder.classify;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelValue;

/**
 * The statistics of a classifier's input while a step is under way: batches move copies, which take
 * the place of the model's own only when the step is made. A step that fails leaves the model as it
 * was.
 */
final class MovingStatistics implements AutoCloseable {

  private final ClassifierNetwork network;
  private final NDManager manager;
  private final NDList own;
  private final NDList moving = new NDList();
  private final KernelValue learning;
  private long version;

  MovingStatistics(TensorEngine engine, ClassifierNetwork network) {
    this.network = network;
    this.manager = engine.newManager();
    this.own = network.statistics();
    for (NDArray statistic : own) {
      moving.add(manager.zeros(statistic.getShape()));
    }
    this.learning = network.learning(moving);
  }

  /** What kernels take for a network that learns. */
  KernelValue network() {
    return learning;
  }

  /** The copies that move. */
  NDList moving() {
    return moving;
  }

  /** Another number whenever a step may have moved the copies. */
  long version() {
    return version;
  }

  /** Begins a step at the model's own statistics. */
  void begin() {
    version++;
    overwrite(moving, own);
  }

  /** Gives the model what the step's batches have moved. */
  void end() {
    overwrite(own, moving);
  }

  private void overwrite(NDList targets, NDList values) {
    if (!targets.isEmpty()) {
      try (NDManager scratch = manager.newSubManager()) {
        NDList unused = network.kernels().run(scratch, "overwrite", targets, values);
      }
    }
  }

  @Override
  public void close() {
    learning.close();
    manager.close();
  }
}
