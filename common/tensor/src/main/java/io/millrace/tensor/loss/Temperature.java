package io.millrace.tensor.loss;

/**
 * The factor of logits or scores while a loss is learned from; it moves by the same ratio in every
 * step.
 *
 * @param from of the first step, positive
 * @param to of the last one, positive
 */
public record Temperature(double from, double to) {

  /** What losses have that say nothing. */
  public static final Temperature ONE = new Temperature(1, 1);

  public Temperature {
    if (!(from > 0 && to > 0) || Double.isInfinite(from) || Double.isInfinite(to)) {
      throw new IllegalArgumentException(
          "temperatures must be finite and positive: %s, %s".formatted(from, to));
    }
  }

  /** The temperature of a step out of so many, both from the beginning of the loss. */
  public double at(long step, long steps) {
    double done = steps <= 1 ? 0 : Math.clamp((double) step / (steps - 1), 0, 1);
    return from * Math.pow(to / from, done);
  }
}
