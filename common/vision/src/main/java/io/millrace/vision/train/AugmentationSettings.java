package io.millrace.vision.train;

/**
 * How training pictures are changed, each one anew in every step.
 *
 * @param flip probability of a left-right flip
 * @param verticalFlip probability of a top-bottom flip, for what is seen from above or through a
 *     microscope
 * @param minScale smallest factor of size
 * @param maxScale largest factor of size
 * @param shift largest shift as a share of width and height
 * @param brightness largest change as a share of the range of values
 * @param contrast largest relative change of contrast
 * @param minVisible objects of which less is left inside of the picture are treated as crowds:
 *     neither objects nor background
 */
public record AugmentationSettings(
    double flip,
    double verticalFlip,
    double minScale,
    double maxScale,
    double shift,
    double brightness,
    double contrast,
    double minVisible) {

  public AugmentationSettings {
    for (double share : new double[] {flip, verticalFlip, minVisible}) {
      if (!(share >= 0 && share <= 1)) {
        throw new IllegalArgumentException("shares must be in [0, 1]: " + share);
      }
    }
    if (!(minScale > 0 && minScale <= maxScale && maxScale <= 10)) {
      throw new IllegalArgumentException("not a range of scales: " + minScale + ", " + maxScale);
    }
    if (!(shift >= 0 && shift < 1)
        || !(brightness >= 0 && brightness < 1)
        || !(contrast >= 0 && contrast < 1)) {
      throw new IllegalArgumentException(
          "shift, brightness and contrast must be in [0, 1): %s, %s, %s"
              .formatted(shift, brightness, contrast));
    }
  }

  /** Flips half of the pictures, scales by 0.8 to 1.25, shifts by up to a tenth. */
  public static AugmentationSettings standard() {
    return new AugmentationSettings(0.5, 0, 0.8, 1.25, 0.1, 0.1, 0.2, 0.4);
  }

  /** Changes nothing. */
  public static AugmentationSettings none() {
    return new AugmentationSettings(0, 0, 1, 1, 0, 0, 0, 0);
  }

  /** The same without flips, for objects that mean something else in a mirror, such as letters. */
  public AugmentationSettings withoutFlip() {
    return new AugmentationSettings(
        0, 0, minScale, maxScale, shift, brightness, contrast, minVisible);
  }

  /** The same with another probability of a top-bottom flip. */
  public AugmentationSettings withVerticalFlip(double probability) {
    return new AugmentationSettings(
        flip, probability, minScale, maxScale, shift, brightness, contrast, minVisible);
  }

  /** The same with other scales. */
  public AugmentationSettings withScale(double smallest, double largest) {
    return new AugmentationSettings(
        flip, verticalFlip, smallest, largest, shift, brightness, contrast, minVisible);
  }
}
