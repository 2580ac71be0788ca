package io.millrace.vision.train;

/**
 * How training pictures are changed, each one anew in every step.
 *
 * @param flip probability of a left-right flip
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
    double minScale,
    double maxScale,
    double shift,
    double brightness,
    double contrast,
    double minVisible) {

  public AugmentationSettings {
    if (!(flip >= 0 && flip <= 1) || !(minVisible >= 0 && minVisible <= 1)) {
      throw new IllegalArgumentException("shares must be in [0, 1]: " + flip + ", " + minVisible);
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
    return new AugmentationSettings(0.5, 0.8, 1.25, 0.1, 0.1, 0.2, 0.4);
  }

  /** Changes nothing. */
  public static AugmentationSettings none() {
    return new AugmentationSettings(0, 1, 1, 0, 0, 0, 0);
  }

  /** The same without flips, for objects that mean something else in a mirror, such as letters. */
  public AugmentationSettings withoutFlip() {
    return new AugmentationSettings(0, minScale, maxScale, shift, brightness, contrast, minVisible);
  }
}
