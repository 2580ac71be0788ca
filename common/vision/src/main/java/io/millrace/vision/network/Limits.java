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

  /**
   * Requires that a sample of a picture can be drawn.
   *
   * @throws IllegalArgumentException if it has no size, or its share is not in [0, 1]
   */
  public static void requireSample(String what, int size, double share) {
    require(size >= 1 && size <= 1 << 20, "a sample cannot have %s %s", size, what);
    require(share >= 0 && share <= 1, "a share of %s of the %s is not 0 to 1", share, what);
  }
}
