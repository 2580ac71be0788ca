package io.millrace.language.train;

import io.millrace.tensor.optimizer.AdamWSettings;
import io.millrace.tensor.train.TrainerSettings;

/**
 * How a language model learns.
 *
 * @param optimizer AdamW's settings
 * @param mtpWeight weight of the MTP loss (lambda, section 2.2 of arXiv 2412.19437)
 * @param balanceWeight weight of the sequence-wise balance loss (alpha, section 2.1.2)
 * @param biasSpeed step of the selection biases (gamma, section 2.1.2)
 * @param documents whether documents of one pack see each other
 * @param recomputation which layers are computed again for their backward pass
 * @param emaDecay how much a step leaves of the moving average of the weights, which is the model
 *     that is evaluated and published then (section 3.2.3); 0: the weights themselves are
 * @param precision of products and, whatever the optimizer's settings say, of its moments
 */
public record LanguageTrainingSettings(
    AdamWSettings optimizer,
    double mtpWeight,
    double balanceWeight,
    double biasSpeed,
    DocumentPolicy documents,
    Recomputation recomputation,
    double emaDecay,
    Precision precision) {

  /**
   * Checks the weights and the speed, which must be finite and not negative, and the decay of the
   * average, from 0 to below 1; the optimizer's settings check themselves.
   *
   * @throws IllegalArgumentException naming what is otherwise
   */
  public LanguageTrainingSettings {
    requireNotNegative("weight of the MTP loss", mtpWeight);
    requireNotNegative("weight of the balance loss", balanceWeight);
    requireNotNegative("step of the selection biases", biasSpeed);
    TrainerSettings.requireDecay(emaDecay);
  }

  /** What the trainer does with the gradients. */
  TrainerSettings trainer() {
    return new TrainerSettings(optimizer.withMoments(precision.moments()), emaDecay);
  }

  private static void requireNotNegative(String what, double value) {
    if (!(value >= 0 && Double.isFinite(value))) {
      throw new IllegalArgumentException(
          "the %s must be finite and not negative, it is %s".formatted(what, value));
    }
  }

  /**
   * Settings under which documents do not see each other, no layer is computed again, there is no
   * average of the weights, and everything is computed in float32.
   */
  public LanguageTrainingSettings(
      AdamWSettings optimizer, double mtpWeight, double balanceWeight, double biasSpeed) {
    this(
        optimizer,
        mtpWeight,
        balanceWeight,
        biasSpeed,
        DocumentPolicy.ISOLATED,
        Recomputation.none(),
        /* emaDecay= */ 0,
        Precision.F32);
  }

  /** DeepSeek-V3's values, with documents that do not see each other. */
  public static LanguageTrainingSettings deepSeek() {
    return new LanguageTrainingSettings(AdamWSettings.deepSeek(), 0.3, 1e-4, 1e-3);
  }

  /** The same with another policy for documents of one pack. */
  public LanguageTrainingSettings with(DocumentPolicy policy) {
    return new LanguageTrainingSettings(
        optimizer, mtpWeight, balanceWeight, biasSpeed, policy, recomputation, emaDecay, precision);
  }

  /** The same with other layers computed again. */
  public LanguageTrainingSettings with(Recomputation policy) {
    return new LanguageTrainingSettings(
        optimizer, mtpWeight, balanceWeight, biasSpeed, documents, policy, emaDecay, precision);
  }

  /** The same in another precision. */
  public LanguageTrainingSettings with(Precision other) {
    return new LanguageTrainingSettings(
        optimizer, mtpWeight, balanceWeight, biasSpeed, documents, recomputation, emaDecay, other);
  }

  /** The same with a moving average of the weights as the model that is published. */
  public LanguageTrainingSettings withEma(double decay) {
    return new LanguageTrainingSettings(
        optimizer, mtpWeight, balanceWeight, biasSpeed, documents, recomputation, decay, precision);
  }

  /** The same with another weight of the MTP loss. */
  public LanguageTrainingSettings withMtpWeight(double weight) {
    return new LanguageTrainingSettings(
        optimizer, weight, balanceWeight, biasSpeed, documents, recomputation, emaDecay, precision);
  }

  /** The same with other means to keep experts equally busy. */
  public LanguageTrainingSettings withBalancing(double lossWeight, double speed) {
    return new LanguageTrainingSettings(
        optimizer, mtpWeight, lossWeight, speed, documents, recomputation, emaDecay, precision);
  }
}
