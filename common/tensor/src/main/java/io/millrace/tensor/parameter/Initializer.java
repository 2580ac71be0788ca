package io.millrace.tensor.parameter;

/** How the first values of a parameter are drawn; the same on every machine for the same seed. */
public sealed interface Initializer {

  /** All zero. */
  record Zeros() implements Initializer {}

  /** All one. */
  record Ones() implements Initializer {}

  /** All the same. */
  record Constant(double value) implements Initializer {}

  /** Normal with mean 0. */
  record Normal(double standardDeviation) implements Initializer {

    public Normal {
      if (!(standardDeviation >= 0) || Double.isInfinite(standardDeviation)) {
        throw new IllegalArgumentException("not a standard deviation: " + standardDeviation);
      }
    }
  }

  /**
   * Normal with the variance 2 / fanIn, which keeps activations alike through ReLU layers (He et
   * al. 2015, arXiv 1502.01852, section 2.2).
   */
  static Initializer he(long fanIn) {
    return new Normal(Math.sqrt(2.0 / fanIn));
  }
}
