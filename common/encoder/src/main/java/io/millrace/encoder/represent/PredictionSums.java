package io.millrace.encoder.represent;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/**
 * How well each step ahead was predicted, summed over pairs, so that batches can be added up.
 *
 * @param pairs of each step; of the farthest there may be none
 * @param losses sums of InfoNCE
 * @param right pairs whose positive scored above all negatives
 * @param logarithms sums of log N, N candidates being the positive and its negatives
 */
@SuppressWarnings("ArrayRecordComponent") // sums that are added up, never compared
public record PredictionSums(long[] pairs, double[] losses, double[] right, double[] logarithms) {

  static PredictionSums of(long[] pairs, double[] values) {
    int steps = pairs.length;
    return new PredictionSums(
        pairs,
        Arrays.copyOfRange(values, 0, steps),
        Arrays.copyOfRange(values, steps, 2 * steps),
        Arrays.copyOfRange(values, 2 * steps, 3 * steps));
  }

  /** Both together. */
  public PredictionSums plus(PredictionSums other) {
    long[] both = pairs.clone();
    Arrays.setAll(both, i -> pairs[i] + other.pairs[i]);
    return new PredictionSums(
        both,
        sum(losses, other.losses),
        sum(right, other.right),
        sum(logarithms, other.logarithms));
  }

  private static double[] sum(double[] some, double[] others) {
    double[] both = some.clone();
    Arrays.setAll(both, i -> some[i] + others[i]);
    return both;
  }

  /** Steps ahead that some pair has; no document may be longer. */
  public int steps() {
    return (int) Arrays.stream(pairs).filter(count -> count > 0).count();
  }

  /** Mean InfoNCE of each step, in nats. */
  public List<Double> loss() {
    return each(i -> losses[i] / pairs[i]);
  }

  /** Share of pairs of each step whose positive scored above all negatives. */
  public List<Double> accuracy() {
    return each(i -> right[i] / pairs[i]);
  }

  /**
   * Mean log N of each step: no bound can be above it, however much context and place have in
   * common.
   */
  public List<Double> ceiling() {
    return each(i -> logarithms[i] / pairs[i]);
  }

  /**
   * log N - loss of each step, in nats: a lower bound of the mutual information of context and
   * place if negatives are drawn as places are, which is so with {@link Negatives#MIXED}; with the
   * others, of what they have in common beside what their document tells.
   */
  public List<Double> bound() {
    return each(i -> (logarithms[i] - losses[i]) / pairs[i]);
  }

  /** Mean of the steps' losses, which training makes small; NaN without any pair. */
  public double meanLoss() {
    return loss().stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
  }

  private List<Double> each(IntToDoubleFunction figure) {
    List<Double> figures = new ArrayList<>();
    for (int i = 0; i < steps(); i++) {
      figures.add(figure.applyAsDouble(i));
    }
    return List.copyOf(figures);
  }
}
