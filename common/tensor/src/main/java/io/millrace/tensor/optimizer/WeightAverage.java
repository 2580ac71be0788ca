package io.millrace.tensor.optimizer;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.tensor.parameter.FlatTensors;
import io.millrace.tensor.parameter.ParameterStore;

/**
 * Exponential moving average of the learned weights: {@code average = d * average + (1 - d) *
 * weight} after every step, beginning with the first weights.
 *
 * <p>d is the decay, but in the first steps (1 + steps) / (10 + steps) if that is less, so that the
 * first weights are soon forgotten however short the training is.
 *
 * <p>Not for use by several threads at once.
 */
public final class WeightAverage implements AutoCloseable {

  private final TensorEngine engine;
  private final Kernels kernels;
  private final ParameterStore parameters;
  private final FlatTensors averages;
  private final double decay;

  /**
   * An average of the weights as they are now.
   *
   * @throws IllegalArgumentException if the decay is not between 0 and 1, or is 1
   */
  public WeightAverage(TensorEngine engine, ParameterStore parameters, double decay) {
    if (!(decay >= 0 && decay < 1)) {
      throw new IllegalArgumentException("an average cannot decay by " + decay);
    }
    this.engine = engine;
    this.kernels = Kernels.shared(engine, WeightAverage.class, "average.py");
    this.parameters = parameters;
    this.decay = decay;
    this.averages = parameters.newLearnedZeros();
    try {
      move(0);
    } catch (RuntimeException | Error e) {
      averages.close();
      throw e;
    }
  }

  /**
   * Takes the weights as they are now into the average.
   *
   * @param steps of the optimizer up to now, from 1
   */
  public void update(long steps) {
    move(decayAt(steps));
  }

  /** How much of the average a step leaves. */
  double decayAt(long steps) {
    return Math.min(decay, (1.0 + steps) / (10.0 + steps));
  }

  private void move(double kept) {
    NDList buffers = averages.buffers();
    try (NDManager scratch = engine.newManager()) {
      kernels.runForReading(
          scratch,
          "move_average",
          buffers,
          // The buffer of what is not learned comes last, and there is no average of it.
          new NDList(parameters.weights().buffers().subList(0, buffers.size())),
          1 - kept);
    }
  }

  /** The averages in the order of {@link ParameterStore#learnedSpecs()}; they belong to this. */
  public NDList tensors() {
    return averages.tensors();
  }

  /** The same by name, to be written and to be taken over. */
  public FlatTensors averages() {
    return averages;
  }

  @Override
  public void close() {
    averages.close();
  }
}
