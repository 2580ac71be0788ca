package io.millrace.vision.network;

/**
 * Shape of a convolution that is padded so that only its stride changes the size.
 *
 * @param from channels
 * @param to channels
 * @param side of the square kernel, odd
 * @param stride pixels between its places
 * @param dilation pixels between its taps
 */
public record Convolution(int from, int to, int side, int stride, int dilation) {

  /** Of 3 x 3, at every place. */
  public static Convolution threeByThree(int from, int to) {
    return new Convolution(from, to, 3, 1, 1);
  }

  /** Of 1 x 1, at every place. */
  public static Convolution pointwise(int from, int to) {
    return new Convolution(from, to, 1, 1, 1);
  }

  /** The same at every other place. */
  public Convolution halving() {
    return new Convolution(from, to, side, 2, dilation);
  }

  /** Values that make one of its results. */
  long fanIn() {
    return (long) from * side * side;
  }

  /** Zeros around the map, on each side. */
  int padding() {
    return dilation * (side / 2);
  }
}
