package io.millrace.vision.network;

/** Checks of what a configuration names. */
public final class Limits {

  private Limits() {}

  /**
   * Requires a condition.
   *
   * @throws IllegalArgumentException with the formatted message if it does not hold
   */
  public static void require(boolean holds, String message, Object... values) {
    if (!holds) {
      throw new IllegalArgumentException(message.formatted(values));
    }
  }
}
