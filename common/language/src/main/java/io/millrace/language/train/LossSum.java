package io.millrace.language.train;

/**
 * A loss that can be added up over batches.
 *
 * @param sum of -log p over the targets, in nats
 * @param targets how many
 */
public record LossSum(double sum, long targets) {

  /** Nothing yet. */
  public static final LossSum ZERO = new LossSum(0, 0);

  /** Both together. */
  public LossSum plus(LossSum other) {
    return new LossSum(sum + other.sum, targets + other.targets);
  }

  /** Nats a target; NaN without targets. */
  public double mean() {
    return sum / targets;
  }
}
