package io.millrace.vision.train;

import io.millrace.tensor.optimizer.AdamWSettings;
import io.millrace.tensor.train.TrainerSettings;
import io.millrace.vision.augment.BatchChange;
import java.util.List;

/**
 * How a detector learns.
 *
 * @param optimizer AdamW's settings
 * @param augmentation how each picture is changed
 * @param batchChanges how whole batches are changed before that, one after the other
 * @param emaDecay how much a step leaves of the moving average of the weights, which is the model
 *     that is evaluated and published then; 0: the weights themselves are
 * @param precision of layers
 */
public record DetectorTrainingSettings(
    AdamWSettings optimizer,
    AugmentationSettings augmentation,
    List<BatchChange> batchChanges,
    double emaDecay,
    Precision precision) {

  /**
   * Checks the decay of the average, from 0 to below 1; the other settings check themselves.
   *
   * @throws IllegalArgumentException if it is otherwise
   */
  public DetectorTrainingSettings {
    batchChanges = List.copyOf(batchChanges);
    TrainerSettings.requireDecay(emaDecay);
  }

  /** Standard augmentation, no average, float32. */
  public static DetectorTrainingSettings standard() {
    return new DetectorTrainingSettings(
        new AdamWSettings(0.9, 0.99, 1e-8, 0.02, 10),
        AugmentationSettings.standard(),
        List.of(),
        /* emaDecay= */ 0,
        Precision.F32);
  }

  /** The same with another augmentation. */
  public DetectorTrainingSettings withAugmentation(AugmentationSettings other) {
    return new DetectorTrainingSettings(optimizer, other, batchChanges, emaDecay, precision);
  }

  /** The same with changes of whole batches. */
  public DetectorTrainingSettings withBatchChanges(List<BatchChange> changes) {
    return new DetectorTrainingSettings(optimizer, augmentation, changes, emaDecay, precision);
  }

  /** The same with a moving average of the weights as the model that is published. */
  public DetectorTrainingSettings withEma(double decay) {
    return new DetectorTrainingSettings(optimizer, augmentation, batchChanges, decay, precision);
  }

  /** The same in another precision. */
  public DetectorTrainingSettings withPrecision(Precision other) {
    return new DetectorTrainingSettings(optimizer, augmentation, batchChanges, emaDecay, other);
  }

  /** What the trainer does with the gradients. */
  TrainerSettings trainer() {
    return new TrainerSettings(optimizer, emaDecay);
  }
}
