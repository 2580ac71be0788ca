package io.millrace.benchmarks.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Training losses without the noise of single batches, which are the same for one seed. */
final class SmoothedLoss {

  /** Which part of the steps of a training one mean is over. */
  private static final int PARTS = 10;

  private SmoothedLoss() {}

  /** Relative difference of moving means: at the end, and the largest of the second half. */
  static String compare(String title, Outcome one, Outcome other) {
    List<Double> differences = differences(one.losses(), other.losses());
    double largest =
        differences.subList(differences.size() / 2, differences.size()).stream()
            .mapToDouble(Math::abs)
            .max()
            .orElseThrow();
    return String.format(
        Locale.ROOT,
        "%s %+.3f %% at the end, at most %.3f %% in the second half",
        title,
        100 * differences.getLast(),
        100 * largest);
  }

  /** Of every window of a tenth of the steps. */
  static List<Double> differences(List<Double> one, List<Double> other) {
    int window = Math.max(1, one.size() / PARTS);
    List<Double> differences = new ArrayList<>();
    for (int end = window; end <= one.size(); end++) {
      differences.add(
          mean(one.subList(end - window, end)) / mean(other.subList(end - window, end)) - 1);
    }
    return differences;
  }

  private static double mean(List<Double> losses) {
    return losses.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }
}
