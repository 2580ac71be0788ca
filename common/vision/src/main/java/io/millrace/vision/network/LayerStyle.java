package io.millrace.vision.network;

import io.millrace.tensor.activation.Activation;

/**
 * What all layers of a network have in common.
 *
 * @param activation after each convolution but the last of a head
 * @param norm after each of them too
 * @param groupSize channels that group normalisation takes together; divides all widths then
 * @param bias whether convolutions that are normalised have a bias too, which a norm takes away
 *     again
 */
public record LayerStyle(Activation activation, Norm norm, int groupSize, boolean bias) {

  private static final int MAX_WIDTH = 8192;

  public LayerStyle {
    Limits.require(groupSize >= 1, "a group cannot have %s channels", groupSize);
    Limits.require(
        activation != Activation.STEP,
        "with the activation %s no gradient reaches a layer before it",
        activation.key());
  }

  /** ReLU after group normalisation, without biases. */
  public static LayerStyle groups(int size) {
    return new LayerStyle(Activation.RELU, Norm.GROUP, size, /* bias= */ false);
  }

  /** The same with another activation. */
  public LayerStyle withActivation(Activation other) {
    return new LayerStyle(other, norm, groupSize, bias);
  }

  /**
   * Checks a number of channels.
   *
   * @throws IllegalArgumentException if it cannot be normalised, or is out of all bounds
   */
  public void requireWidth(int width) {
    int multiple = norm == Norm.GROUP ? groupSize : 1;
    Limits.require(
        width > 0 && width <= MAX_WIDTH && width % multiple == 0,
        "a width of %s channels is not a multiple of the group size %s up to %s",
        width,
        multiple,
        MAX_WIDTH);
  }
}
