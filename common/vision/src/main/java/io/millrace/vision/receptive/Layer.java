package io.millrace.vision.receptive;

/**
 * A layer of a network, as far as it decides what a cell sees: a convolution, a pooling, or nearest
 * up-sampling.
 *
 * @param name for people
 * @param kernel cells of a side of what it looks at
 * @param stride cells between two looks
 * @param padding cells around the map on each side
 * @param dilation cells between two taps
 * @param upsampling how many cells a side each cell becomes; 1 for all but up-sampling
 */
public record Layer(
    String name, int kernel, int stride, int padding, int dilation, int upsampling) {

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if there is no such layer
   */
  public Layer {
    if (kernel < 1 || stride < 1 || padding < 0 || dilation < 1 || upsampling < 1) {
      throw new IllegalArgumentException(
          "layer %s cannot have kernel %d, stride %d, padding %d, dilation %d, upsampling %d"
              .formatted(name, kernel, stride, padding, dilation, upsampling));
    }
    if (upsampling > 1 && (kernel > 1 || stride > 1 || padding > 0)) {
      throw new IllegalArgumentException("layer " + name + " up-samples and looks at once");
    }
  }

  /** A convolution or a pooling without dilation. */
  public static Layer of(String name, int kernel, int stride, int padding) {
    return new Layer(name, kernel, stride, padding, /* dilation= */ 1, /* upsampling= */ 1);
  }

  /** A convolution that is padded so that only its stride changes the size; its kernel is odd. */
  public static Layer same(String name, int kernel, int stride, int dilation) {
    return new Layer(name, kernel, stride, dilation * (kernel / 2), dilation, /* upsampling= */ 1);
  }

  /** Up-sampling that repeats each cell. */
  public static Layer upsampling(String name, int times) {
    return new Layer(name, 1, 1, 0, 1, times);
  }

  /** Cells of a side from its first to its last tap. */
  int extent() {
    return dilation * (kernel - 1) + 1;
  }
}
