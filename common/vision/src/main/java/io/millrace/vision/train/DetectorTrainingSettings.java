package io.millrace.vision.train;

import io.millrace.tensor.optimizer.AdamWSettings;

/**
 * How a detector learns.
 *
 * @param optimizer AdamW's settings
 * @param augmentation how pictures are changed
 * @param correctedRadius whether gaussians have the radius that CornerNet's text describes; false
 *     gives the larger one of the published code
 * @param offsetWeight weight of the offset loss
 * @param sizeWeight weight of the size loss, in cells of the heat map
 */
public record DetectorTrainingSettings(
    AdamWSettings optimizer,
    AugmentationSettings augmentation,
    boolean correctedRadius,
    double offsetWeight,
    double sizeWeight) {

  /** CenterNet's weights (section 3), standard augmentation. */
  public static DetectorTrainingSettings standard() {
    return new DetectorTrainingSettings(
        new AdamWSettings(0.9, 0.99, 1e-8, 0.02, 10),
        AugmentationSettings.standard(),
        /* correctedRadius= */ false,
        1,
        0.1);
  }

  /** The same with another augmentation. */
  public DetectorTrainingSettings withAugmentation(AugmentationSettings other) {
    return new DetectorTrainingSettings(
        optimizer, other, correctedRadius, offsetWeight, sizeWeight);
  }
}
