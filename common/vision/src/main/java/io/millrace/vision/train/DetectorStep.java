package io.millrace.vision.train;

/**
 * What one optimizer step saw.
 *
 * @param losses of the augmented pictures, before the step
 * @param gradientNorm global norm before clipping
 * @param images pictures
 * @param objects boxes that were learned from, after augmentation, crowds not counted
 */
public record DetectorStep(DetectorLosses losses, double gradientNorm, int images, int objects) {

  /** The weighted sum of the losses. */
  public double loss() {
    return losses.total();
  }
}
