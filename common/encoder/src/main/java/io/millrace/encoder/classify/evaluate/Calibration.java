package io.millrace.encoder.classify.evaluate;

import java.util.List;

/**
 * How far the probability of answers is from the share of right ones (Guo et al. 2017, arXiv
 * 1706.04599, section 2): answers are put into 15 bins of equal width by the probability of the
 * class that was answered.
 *
 * @param temperature by which logits were divided
 * @param loss mean negative logarithm of the true class's probability
 * @param error expected calibration error: the mean distance of both over the bins, weighted by
 *     their answers
 * @param bins from 0 to 1
 */
public record Calibration(double temperature, double loss, double error, List<Bin> bins) {

  /** Bins of a reliability curve. */
  public static final int BINS = 15;

  public Calibration {
    bins = List.copyOf(bins);
  }

  /**
   * A bin.
   *
   * @param from probability, not in the bin itself unless it is 0
   * @param to probability, in the bin
   * @param answers in it
   * @param confidence mean probability of these; 0 without any
   * @param accuracy share of right ones; 0 without any
   */
  public record Bin(double from, double to, long answers, double confidence, double accuracy) {}
}
