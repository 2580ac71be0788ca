package io.millrace.vision.train;

import io.millrace.tensor.loss.Loss;
import io.millrace.tensor.loss.LossPlan;
import io.millrace.tensor.optimizer.AdamWSettings;
import io.millrace.tensor.train.TrainerSettings;
import io.millrace.vision.augment.BatchChange;
import io.millrace.vision.detector.DetectorConfig;
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
 * @param loss by which heat maps are learned; of other heads, and where it is focal, the head's own
 * @param steps of the whole training, for a loss that changes on the way
 */
public record DetectorTrainingSettings(
    AdamWSettings optimizer,
    AugmentationSettings augmentation,
    List<BatchChange> batchChanges,
    double emaDecay,
    Precision precision,
    LossPlan loss,
    long steps) {

  /**
   * Checks the decay of the average, from 0 to below 1, and that each loss has a step; the other
   * settings check themselves.
   *
   * @throws IllegalArgumentException if it is otherwise
   */
  public DetectorTrainingSettings {
    batchChanges = List.copyOf(batchChanges);
    TrainerSettings.requireDecay(emaDecay);
    loss.requireSteps(steps);
  }

  /** Standard augmentation, no average, float32. */
  public static DetectorTrainingSettings standard() {
    return new DetectorTrainingSettings(
        new AdamWSettings(0.9, 0.99, 1e-8, 0.02, 10),
        AugmentationSettings.standard(),
        List.of(),
        /* emaDecay= */ 0,
        Precision.F32,
        LossPlan.of(new Loss.Focal()),
        /* steps= */ 1);
  }

  /** The same with another augmentation. */
  public DetectorTrainingSettings withAugmentation(AugmentationSettings other) {
    return new DetectorTrainingSettings(
        optimizer, other, batchChanges, emaDecay, precision, loss, steps);
  }

  /** The same with changes of whole batches. */
  public DetectorTrainingSettings withBatchChanges(List<BatchChange> changes) {
    return new DetectorTrainingSettings(
        optimizer, augmentation, changes, emaDecay, precision, loss, steps);
  }

  /** The same with a moving average of the weights as the model that is published. */
  public DetectorTrainingSettings withEma(double decay) {
    return new DetectorTrainingSettings(
        optimizer, augmentation, batchChanges, decay, precision, loss, steps);
  }

  /** The same in another precision. */
  public DetectorTrainingSettings withPrecision(Precision other) {
    return new DetectorTrainingSettings(
        optimizer, augmentation, batchChanges, emaDecay, other, loss, steps);
  }

  /**
   * The same by other losses of heat maps.
   *
   * @param all steps of the whole training
   * @throws IllegalArgumentException if one of the losses has no step
   */
  public DetectorTrainingSettings withLoss(LossPlan other, long all) {
    return new DetectorTrainingSettings(
        optimizer, augmentation, batchChanges, emaDecay, precision, other, all);
  }

  /**
   * Checks that detectors of this shape can be learned by the losses.
   *
   * @throws IllegalArgumentException with the reason, if not
   */
  public static void requireLearnedBy(LossPlan plan, DetectorConfig config) {
    for (LossPlan.Phase phase : plan.phases()) {
      if (!(phase.loss() instanceof Loss.Focal)) {
        config.head().requireLearnedBy(phase.loss(), config.classes().size());
      }
    }
  }

  /** What the trainer does with the gradients. */
  TrainerSettings trainer() {
    return new TrainerSettings(optimizer, emaDecay);
  }
}
