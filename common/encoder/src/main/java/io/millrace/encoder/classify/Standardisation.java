package io.millrace.encoder.classify;

import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.parameter.Initializer;
import io.millrace.vision.network.NetworkWeights;
import java.util.List;

/**
 * Means and deviations of features that are not learned themselves: those of the first {@value
 * #OBSERVED} examples of the training, or of all if there are fewer. They are merged exactly, step
 * by step, and are part of the model, so that a training is resumed with them; then they stay, and
 * with them what a weight means.
 */
final class Standardisation {

  /** Examples after which the statistics stay. */
  static final int OBSERVED = 10_000;

  static final List<String> NAMES = List.of("input.count", "input.mean", "input.squares");

  private Standardisation() {}

  static KernelSource kernel() {
    return KernelSource.of(Standardisation.class, "standardise.py");
  }

  /** The Statistics of features. */
  static KernelTuple tuple(NetworkWeights weights, int width) {
    Initializer zeros = new Initializer.Zeros();
    return new KernelTuple("Statistics")
        .tensor("count_1", weights.buffer(NAMES.get(0), zeros, 1))
        .tensor("mean_D", weights.buffer(NAMES.get(1), zeros, width))
        .tensor("squares_D", weights.buffer(NAMES.get(2), zeros, width));
  }
}
