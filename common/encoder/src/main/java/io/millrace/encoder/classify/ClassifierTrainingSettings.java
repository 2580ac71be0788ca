package io.millrace.encoder.classify;

import io.millrace.tensor.loss.LossPlan;
import io.millrace.tensor.optimizer.AdamWSettings;
import io.millrace.tensor.train.TrainerSettings;

/**
 * How a classifier learns.
 *
 * @param optimizer AdamW's settings
 * @param loss or several, one after the other
 * @param steps of the whole training, which the losses share
 * @param classWeights how much an example of each class counts
 * @param emaDecay how much a step leaves of the moving average of the weights, which is the model
 *     that is evaluated and published then; 0: the weights themselves are
 */
public record ClassifierTrainingSettings(
    AdamWSettings optimizer,
    LossPlan loss,
    long steps,
    ClassWeights classWeights,
    double emaDecay) {

  /**
   * Checks the losses and the decay; the optimizer's settings check themselves.
   *
   * @throws IllegalArgumentException if a loss has no step, or the decay is not from 0 to below 1
   */
  public ClassifierTrainingSettings {
    loss.requireSteps(steps);
    TrainerSettings.requireDecay(emaDecay);
  }

  /** Cross entropy, all classes alike, no average. */
  public static ClassifierTrainingSettings standard(long steps) {
    return new ClassifierTrainingSettings(
        optimizer(0.01),
        LossPlan.read("cross_entropy"),
        steps,
        ClassWeights.EQUAL,
        /* emaDecay= */ 0);
  }

  /** The optimizer that classifiers usually have. */
  public static AdamWSettings optimizer(double weightDecay) {
    return new AdamWSettings(0.9, 0.99, 1e-8, weightDecay, 10);
  }

  /** The same with another optimizer. */
  public ClassifierTrainingSettings withOptimizer(AdamWSettings other) {
    return new ClassifierTrainingSettings(other, loss, steps, classWeights, emaDecay);
  }

  /** The same with another loss, or several. */
  public ClassifierTrainingSettings withLoss(LossPlan other) {
    return new ClassifierTrainingSettings(optimizer, other, steps, classWeights, emaDecay);
  }

  /** The same with weights of the classes. */
  public ClassifierTrainingSettings withClassWeights(ClassWeights weights) {
    return new ClassifierTrainingSettings(optimizer, loss, steps, weights, emaDecay);
  }

  /** The same with a moving average of the weights as the model that is published. */
  public ClassifierTrainingSettings withEma(double decay) {
    return new ClassifierTrainingSettings(optimizer, loss, steps, classWeights, decay);
  }

  /** What the trainer does with the gradients. */
  TrainerSettings trainer() {
    return new TrainerSettings(optimizer, emaDecay);
  }
}
