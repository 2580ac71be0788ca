package io.millrace.training.task;

import io.millrace.platform.error.MillraceException;

/** Checks of options that several tasks have, because the trainer is the same for all of them. */
public final class SharedOptions {
  private static final int MAX_ACCUMULATION = 1024;

  private SharedOptions() {}

  /**
   * Batches whose gradients are added up for a step.
   *
   * @param asked 0: 1
   * @throws MillraceException INVALID_ARGUMENT if it is negative or more than 1024
   */
  public static int accumulation(int asked) {
    requireRange("accumulation", asked, MAX_ACCUMULATION);
    return Math.max(1, asked);
  }

  /**
   * Decay of the moving average of the weights.
   *
   * @param asked 0: no average
   * @throws MillraceException INVALID_ARGUMENT if it is not from 0 to below 1
   */
  public static double emaDecay(double asked) {
    if (!(asked >= 0 && asked < 1)) {
      throw MillraceException.invalid(
          "ema_decay", "ema_decay must be at least 0, for no average, and below 1; it is " + asked);
    }
    return asked;
  }

  /**
   * Checks that an option is from 0 to the most it can be.
   *
   * @throws MillraceException INVALID_ARGUMENT naming the field
   */
  public static void requireRange(String field, int value, int most) {
    if (value < 0 || value > most) {
      throw MillraceException.invalid(
          field, "%s must be between 0 and %d; it is %d".formatted(field, most, value));
    }
  }
}
