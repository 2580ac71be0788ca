package io.millrace.tensor.loss;

import io.millrace.input.PlainNumber;
import java.util.Locale;

/** When a loss of a plan takes the place of the one before. */
public sealed interface LossStart {

  /** All losses that say nothing have the same share of the steps as others. */
  record Even() implements LossStart {}

  /**
   * At a step.
   *
   * @param step from 1
   */
  record AtStep(long step) implements LossStart {

    public AtStep {
      if (step < 1) {
        throw new IllegalArgumentException("a loss cannot take over at step " + step);
      }
    }
  }

  /**
   * After a share of the steps.
   *
   * @param share between 0 and 1
   */
  record AtShare(double share) implements LossStart {

    public AtShare {
      if (!(share > 0 && share < 1)) {
        throw new IllegalArgumentException(
            "a loss cannot take over after a share of " + share + "; write 0.8 or 80%");
      }
    }
  }

  /**
   * Reads {@code 500}, {@code 0.8} or {@code 80%}.
   *
   * @throws IllegalArgumentException if it is none of these
   */
  static LossStart of(String written) {
    try {
      if (written.endsWith("%")) {
        return new AtShare(PlainNumber.decimal(written.substring(0, written.length() - 1)) / 100);
      }
      return written.chars().allMatch(Character::isDigit)
          ? new AtStep(PlainNumber.large(written))
          : new AtShare(PlainNumber.decimal(written));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "\"at %s\" is neither a step, such as 500, nor a share, such as 80%%".formatted(written),
          e);
    }
  }

  /** The first step of the loss at a place of so many. */
  default long firstStep(int place, int losses, long steps) {
    return switch (this) {
      case Even() -> steps * place / losses;
      case AtStep(long step) -> step;
      case AtShare(double share) -> Math.round(share * steps);
    };
  }

  /** As it is read; empty for {@link Even}. */
  default String text() {
    return switch (this) {
      case Even() -> "";
      case AtStep(long step) -> " at " + step;
      case AtShare(double share) -> " at " + String.format(Locale.ROOT, "%s", share);
    };
  }
}
