package io.millrace.tensor.parameter;

/** What the optimizer does with a parameter. */
public enum ParameterGroup {
  /** Learned, with weight decay: matrices. */
  DECAY,
  /** Learned, without weight decay: norms, biases, and whatever should not be pulled to zero. */
  NO_DECAY,
  /**
   * Not learned by gradient, but part of the model and saved with it: running statistics, the
   * selection biases of a router. Takes no place in lists of gradients.
   */
  BUFFER;

  /** Whether the optimizer updates parameters of this group. */
  public boolean learned() {
    return this != BUFFER;
  }
}
