package io.millrace.language.train;

import io.millrace.tensor.optimizer.AdamWSettings;

/**
 * How a language model learns.
 *
 * @param optimizer AdamW's settings
 * @param mtpWeight weight of the MTP loss (lambda, section 2.2 of arXiv 2412.19437)
 * @param balanceWeight weight of the sequence-wise balance loss (alpha, section 2.1.2)
 * @param biasSpeed step of the selection biases (gamma, section 2.1.2)
 * @param documents whether documents of one pack see each other
 * @param checkpointing which layers are computed again for their backward pass
 */
public record LanguageTrainingSettings(
    AdamWSettings optimizer,
    double mtpWeight,
    double balanceWeight,
    double biasSpeed,
    DocumentPolicy documents,
    Checkpointing checkpointing) {

  /** Settings under which documents do not see each other, and no layer is computed again. */
  public LanguageTrainingSettings(
      AdamWSettings optimizer, double mtpWeight, double balanceWeight, double biasSpeed) {
    this(
        optimizer,
        mtpWeight,
        balanceWeight,
        biasSpeed,
        DocumentPolicy.ISOLATED,
        Checkpointing.none());
  }

  /** DeepSeek-V3's values, with documents that do not see each other. */
  public static LanguageTrainingSettings deepSeek() {
    return new LanguageTrainingSettings(AdamWSettings.deepSeek(), 0.3, 1e-4, 1e-3);
  }

  /** The same with another policy for documents of one pack. */
  public LanguageTrainingSettings with(DocumentPolicy policy) {
    return new LanguageTrainingSettings(
        optimizer, mtpWeight, balanceWeight, biasSpeed, policy, checkpointing);
  }

  /** The same with other layers computed again. */
  public LanguageTrainingSettings with(Checkpointing policy) {
    return new LanguageTrainingSettings(
        optimizer, mtpWeight, balanceWeight, biasSpeed, documents, policy);
  }

  /** The same with other means to keep experts equally busy. */
  public LanguageTrainingSettings withBalancing(double lossWeight, double speed) {
    return new LanguageTrainingSettings(
        optimizer, mtpWeight, lossWeight, speed, documents, checkpointing);
  }
}
