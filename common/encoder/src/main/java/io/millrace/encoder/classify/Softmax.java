package io.millrace.encoder.classify;

/** Logits as probabilities, in double precision. */
public final class Softmax {

  private Softmax() {}

  /** exp(logit / temperature), divided by their sum. */
  public static double[] of(float[] logits, double temperature) {
    double largest = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      largest = Math.max(largest, logit);
    }
    double[] values = new double[logits.length];
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.exp((logits[i] - largest) / temperature);
      sum += values[i];
    }
    for (int i = 0; i < values.length; i++) {
      values[i] /= sum;
    }
    return values;
  }
}
