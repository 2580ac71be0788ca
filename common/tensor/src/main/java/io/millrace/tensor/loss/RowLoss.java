package io.millrace.tensor.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.kernel.Kernels;

/** Computes a loss of rows of logits and its gradient. */
public final class RowLoss {

  /** Bits that kernels take of a seed. */
  static final long SEEDS = 0xffff_ffffL;

  private final Loss loss;
  private final Kernels kernels;

  /** Compiles the loss, once a process. */
  public RowLoss(TensorEngine engine, Loss loss) {
    this.loss = loss;
    this.kernels = Kernels.shared(engine, loss.kernels());
  }

  /** What is computed. */
  Loss loss() {
    return loss;
  }

  /**
   * The loss and its gradient with respect to the logits.
   *
   * @param results owns what is returned
   * @param logits [rows, classes], float32 or float64
   * @param labels of these rows
   * @param temperature positive; of no effect for losses without
   * @param total sum of the weights of all rows that the loss is a mean of, of which these may be a
   *     part if it {@link Loss#addsUp}
   * @param seed of what is drawn, which follows from it and a row's place alone
   * @return the loss, [1], and the gradient, [rows, classes]
   * @throws IllegalArgumentException if a label is of no class, or nothing has a weight
   */
  public NDList slope(
      NDManager results,
      NDArray logits,
      RowLabels labels,
      double temperature,
      double total,
      long seed) {
    requireFit(logits, labels);
    if (!(total > 0)) {
      throw new IllegalArgumentException(
          "no row of %d has a label that weighs anything; a loss needs one"
              .formatted(labels.count()));
    }
    try (NDManager scratch = results.newSubManager();
        KernelValue setting = kernels.make(loss.setting(temperature, total), new NDList())) {
      return kernels.runRecording(
          results,
          "loss_slope",
          logits,
          scratch.create(labels.classes()),
          scratch.create(labels.weights()),
          setting,
          scratch.create(seed & SEEDS));
    }
  }

  private void requireFit(NDArray logits, RowLabels labels) {
    if (logits.getShape().dimension() != 2 || logits.getShape().get(0) != labels.count()) {
      throw new IllegalArgumentException(
          "logits of shape %s for %d labels; they must be [rows, classes]"
              .formatted(logits.getShape(), labels.count()));
    }
    long classes = logits.getShape().get(1);
    labels.requireClasses(classes);
    loss.requireClasses(classes);
  }
}
