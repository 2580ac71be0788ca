package io.millrace.tensor.optimizer;

import io.millrace.tensor.number.ElementType;

/**
 * Settings of {@link AdamW}.
 *
 * @param beta1 decay of the mean of gradients, in [0, 1)
 * @param beta2 decay of the mean of squared gradients, in [0, 1)
 * @param epsilon added to the root of the second moment, positive
 * @param weightDecay decoupled decay of the group {@code DECAY}, per unit of learning rate
 * @param maxGradientNorm gradients are scaled down to this global norm; infinity: never
 * @param moments how both means are stored, F32 or BF16, which takes half the memory: each is
 *     updated in float32 and rounded to nearest (arXiv 2412.19437, section 3.3.3)
 */
public record AdamWSettings(
    double beta1,
    double beta2,
    double epsilon,
    double weightDecay,
    double maxGradientNorm,
    ElementType moments) {

  public AdamWSettings {
    if (moments != ElementType.F32 && moments != ElementType.BF16) {
      throw new IllegalArgumentException("moments are stored in F32 or BF16, not in " + moments);
    }
    if (!(beta1 >= 0 && beta1 < 1) || !(beta2 >= 0 && beta2 < 1)) {
      throw new IllegalArgumentException("betas must be in [0, 1): " + beta1 + ", " + beta2);
    }
    if (!(epsilon > 0) || !(weightDecay >= 0) || !(maxGradientNorm > 0)) {
      throw new IllegalArgumentException(
          "epsilon and the gradient norm must be positive, weight decay not negative: %s, %s, %s"
              .formatted(epsilon, maxGradientNorm, weightDecay));
    }
  }

  /** Settings with moments in float32. */
  public AdamWSettings(
      double beta1, double beta2, double epsilon, double weightDecay, double maxGradientNorm) {
    this(beta1, beta2, epsilon, weightDecay, maxGradientNorm, ElementType.F32);
  }

  /**
   * DeepSeek-V3's: betas 0.9 and 0.95, weight decay 0.1, norm 1 (arXiv 2412.19437, section 4.2).
   */
  public static AdamWSettings deepSeek() {
    return new AdamWSettings(0.9, 0.95, 1e-8, 0.1, 1.0);
  }

  /** The same with moments stored otherwise. */
  public AdamWSettings withMoments(ElementType type) {
    return new AdamWSettings(beta1, beta2, epsilon, weightDecay, maxGradientNorm, type);
  }
}
