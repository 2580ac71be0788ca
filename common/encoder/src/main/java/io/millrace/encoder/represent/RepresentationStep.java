package io.millrace.encoder.represent;

/**
 * What one optimizer step saw.
 *
 * @param predictions of changed pictures, or of texts, before the step
 * @param gradientNorm global norm before clipping
 * @param documents texts or pictures
 */
public record RepresentationStep(PredictionSums predictions, double gradientNorm, int documents) {

  /** Mean of the losses of all steps ahead. */
  public double loss() {
    return predictions.meanLoss();
  }
}
