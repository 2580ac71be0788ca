package io.millrace.encoder.classify.evaluate;

import java.util.ArrayList;
import java.util.List;

/** Sums over examples from which the {@link Calibration} of a temperature follows. */
final class CalibrationSums {

  private final double temperature;
  private final long[] answers = new long[Calibration.BINS];
  private final long[] right = new long[Calibration.BINS];
  private final double[] confidence = new double[Calibration.BINS];
  private double loss;
  private long examples;

  CalibrationSums(double temperature) {
    this.temperature = temperature;
  }

  /**
   * Adds an example.
   *
   * @param answer the class of the largest logit
   */
  void add(float[] logits, int truth, int answer) {
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp((logit - logits[answer]) / temperature);
    }
    double probability = 1 / sum;
    int bin = Math.max(0, (int) Math.ceil(probability * Calibration.BINS) - 1);
    answers[bin]++;
    right[bin] += truth == answer ? 1 : 0;
    confidence[bin] += probability;
    loss += Math.log(sum) - (logits[truth] - logits[answer]) / temperature;
    examples++;
  }

  double loss() {
    return loss / examples;
  }

  Calibration calibration() {
    List<Calibration.Bin> bins = new ArrayList<>();
    double error = 0;
    for (int i = 0; i < Calibration.BINS; i++) {
      double said = answers[i] == 0 ? 0 : confidence[i] / answers[i];
      double share = answers[i] == 0 ? 0 : (double) right[i] / answers[i];
      error += answers[i] * Math.abs(said - share) / examples;
      bins.add(
          new Calibration.Bin(
              (double) i / Calibration.BINS,
              (i + 1.0) / Calibration.BINS,
              answers[i],
              said,
              share));
    }
    return new Calibration(temperature, loss(), error, bins);
  }
}
