package io.millrace.encoder.represent;

import io.millrace.tensor.kernel.KernelTuple;

/**
 * How pictures are changed at random in training; texts are not.
 *
 * @param flip probability that a picture is mirrored
 * @param verticalFlip probability that it is turned upside down
 * @param hidden pixels of a crop's sides that are blank, around a window at a random place: lines
 *     that go on from crop to crop tell less then (arXiv 1807.03748, section 3.2, shows 60 of 64)
 * @param colourDrop probability that all channels of a crop show one of them (arXiv 1905.09272,
 *     section 3.1, drops two of three)
 */
public record PictureChanges(double flip, double verticalFlip, int hidden, double colourDrop) {

  /** Changes nothing. */
  public static final PictureChanges NONE = new PictureChanges(0, 0, 0, 0);

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is no probability, or negative
   */
  public PictureChanges {
    for (double probability : new double[] {flip, verticalFlip, colourDrop}) {
      if (!(probability >= 0 && probability <= 1)) {
        throw new IllegalArgumentException("a probability of " + probability);
      }
    }
    if (hidden < 0) {
      throw new IllegalArgumentException("%d pixels cannot be hidden".formatted(hidden));
    }
  }

  /** The Changes of {@code encode.py}. */
  KernelTuple tuple(long seed) {
    return new KernelTuple("Changes")
        .real("flip", flip)
        .real("vertical_flip", verticalFlip)
        .number("hidden", hidden)
        .real("colour_drop", colourDrop)
        .number("seed", seed);
  }
}
