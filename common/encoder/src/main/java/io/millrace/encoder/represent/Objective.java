package io.millrace.encoder.represent;

import io.millrace.tensor.kernel.KernelTuple;

/**
 * What is asked of predictions: to tell a place that follows from others, its negatives (InfoNCE,
 * arXiv 1807.03748, equation 4).
 *
 * @param negatives which places these may be
 * @param count how many are drawn for each, with replacement; 0: all there are in the batch
 * @param temperature that cosines are divided by; 0: scores are bilinear, as published
 */
public record Objective(Negatives negatives, int count, double temperature) {

  private static final int MAX_COUNT = 1 << 16;

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is out of bounds
   */
  public Objective {
    if (count < 0 || count > MAX_COUNT) {
      throw new IllegalArgumentException(
          "%d negatives are not 0, for all of the batch, to %d".formatted(count, MAX_COUNT));
    }
    if (!(temperature >= 0) || Double.isInfinite(temperature)) {
      throw new IllegalArgumentException("a temperature of " + temperature);
    }
  }

  /** Bilinear scores against all places of the batch. */
  public static Objective published() {
    return new Objective(Negatives.MIXED, 0, 0);
  }

  /** The PredictionObjective of {@code cpc.py}. */
  KernelTuple tuple(long seed) {
    return new KernelTuple("PredictionObjective")
        .flag("own", negatives.own())
        .flag("others", negatives.others())
        .number("negatives", count)
        .real("temperature", temperature)
        .number("seed", seed);
  }
}
