package io.millrace.tensor.train;

import io.millrace.tensor.optimizer.AdamWSettings;

/**
 * What a {@link Trainer} does with the gradients of its learner.
 *
 * @param optimizer AdamW's settings, the limit of the gradients' norm among them
 * @param emaDecay how much a step leaves of the moving average of the weights, which is the model
 *     that is evaluated and published then; 0: the weights themselves are
 */
public record TrainerSettings(AdamWSettings optimizer, double emaDecay) {

  /**
   * Checks the decay, from 0 to below 1; the optimizer's settings check themselves.
   *
   * @throws IllegalArgumentException if it is otherwise
   */
  public TrainerSettings {
    requireDecay(emaDecay);
  }

  /** Settings without a moving average. */
  public TrainerSettings(AdamWSettings optimizer) {
    this(optimizer, /* emaDecay= */ 0);
  }

  /**
   * Checks a decay.
   *
   * @throws IllegalArgumentException if it is not from 0 to below 1
   */
  public static void requireDecay(double emaDecay) {
    if (!(emaDecay >= 0 && emaDecay < 1)) {
      throw new IllegalArgumentException("an average of the weights cannot decay by " + emaDecay);
    }
  }

  /** Whether a moving average is kept. */
  public boolean averages() {
    return emaDecay > 0;
  }
}
