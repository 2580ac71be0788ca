package io.millrace.tensor.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The loss of a step of several batches, over the rows of all of them together.
 *
 * <p>A loss that {@link Loss#addsUp adds up} is taken batch by batch. For others, the first batch
 * that asks has the logits of all batches computed, without gradients, and the loss taken of these;
 * each batch then computes its logits again, this time recording, and carries its own part of the
 * gradient back. Both times the network must give the same logits.
 *
 * <p>For one step and one thread.
 */
public final class StepLoss {

  private final RowLoss loss;
  private final boolean addsUp;
  private final List<RowLabels> labels;
  private final double temperature;
  private final double total;
  private final long seed;
  private @Nullable NDList whole;

  /**
   * A step's loss.
   *
   * @param labels of each batch
   * @param seed of what is drawn in this step, see {@link io.millrace.tensor.random.SeededRandom}
   */
  StepLoss(RowLoss loss, boolean addsUp, List<RowLabels> labels, double temperature, long seed) {
    this.loss = loss;
    this.addsUp = addsUp;
    this.labels = List.copyOf(labels);
    this.temperature = temperature;
    this.total = labels.stream().mapToDouble(RowLabels::total).sum();
    this.seed = seed;
  }

  /** Whether a batch's share needs no other batch, so that a network may be compiled with it. */
  public boolean isOfBatch() {
    return addsUp || labels.size() == 1;
  }

  /** The loss, whose {@link Loss#kernels()} are compiled with a network. */
  public Loss loss() {
    return loss.loss();
  }

  /** The labels of a batch. */
  public RowLabels labels(int batch) {
    return labels.get(batch);
  }

  /** The factor of logits. */
  public double temperature() {
    return temperature;
  }

  /** Sum of the weights of all rows. */
  public double total() {
    return total;
  }

  /** Of what is drawn, as kernels take it. */
  public long seed() {
    return seed & RowLoss.SEEDS;
  }

  /**
   * A batch's share of the loss, and the gradient of the loss with respect to its logits.
   *
   * @param batch its place, from 0
   * @param results the step's: owns what is returned, and what later batches need
   * @param logits computes those of a batch, [rows, classes], without recording
   * @return the share, [1], of which the sum over all batches is the loss, and the gradient, [rows,
   *     classes]
   */
  public NDList slope(int batch, NDManager results, IntFunction<NDArray> logits) {
    if (addsUp) {
      return loss.slope(results, logits.apply(batch), labels.get(batch), temperature, total, seed);
    }
    if (whole == null) {
      whole = ofAll(results, logits);
    }
    long first = labels.subList(0, batch).stream().mapToLong(RowLabels::count).sum();
    NDArray share = whole.get(0);
    return new NDList(
        batch == 0 ? share : share.zerosLike(),
        whole.get(1).get(new NDIndex("{}:{}", first, first + labels.get(batch).count())));
  }

  private NDList ofAll(NDManager results, IntFunction<NDArray> logits) {
    NDList parts = new NDList();
    for (int batch = 0; batch < labels.size(); batch++) {
      parts.add(logits.apply(batch));
    }
    NDArray all = parts.size() == 1 ? parts.get(0) : NDArrays.concat(parts);
    return loss.slope(results, all, RowLabels.joined(labels), temperature, total, seed);
  }
}
