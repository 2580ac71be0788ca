package io.millrace.tensor.loss;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;

/** Metrics of hard decisions and of orders, as their definitions read, and rows to try them on. */
final class ScalarMetrics {

  private ScalarMetrics() {}

  /**
   * Rows.
   *
   * @param logits [rows][classes], no two alike
   * @param labels a class a row
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Rows(double[][] logits, long[] labels) {

    int count() {
      return labels.length;
    }

    int classes() {
      return logits[0].length;
    }

    double[] flat() {
      return Arrays.stream(logits).flatMapToDouble(Arrays::stream).toArray();
    }

    long[] decided() {
      return Arrays.stream(logits).mapToLong(ScalarMetrics::highest).toArray();
    }
  }

  /** Rows of random logits, of which the label's is a little higher. */
  static Rows rows(long seed, int count, int classes) {
    Random random = new Random(seed);
    double[][] logits = new double[count][classes];
    long[] labels = new long[count];
    for (int row = 0; row < count; row++) {
      labels[row] = random.nextInt(classes);
      for (int k = 0; k < classes; k++) {
        logits[row][k] = random.nextGaussian() + (k == labels[row] ? 0.7 : 0);
      }
    }
    return new Rows(logits, labels);
  }

  static int highest(double[] values) {
    return IntStream.range(0, values.length)
        .boxed()
        .max(Comparator.comparingDouble(k -> values[k]))
        .orElseThrow();
  }

  static double of(Metric metric, long[] decided, long[] labels, int classes) {
    return switch (metric) {
      case Metric.Accuracy() -> {
        long right =
            IntStream.range(0, labels.length).filter(row -> decided[row] == labels[row]).count();
        yield (double) right / labels.length;
      }
      case Metric.F1(Average average) -> tversky(0.5, 0.5, average, decided, labels, classes);
      case Metric.Dice(Average average) -> tversky(0.5, 0.5, average, decided, labels, classes);
      case Metric.Tversky(double alpha, double beta, Average average) ->
          tversky(alpha, beta, average, decided, labels, classes);
    };
  }

  private static double tversky(
      double alpha, double beta, Average average, long[] decided, long[] labels, int classes) {
    double[] found = new double[3];
    double sum = 0;
    int known = 0;
    double chosen = 0;
    for (int k = 0; k < classes; k++) {
      double[] one = counts(k, decided, labels);
      IntStream.range(0, 3).forEach(i -> found[i] += one[i]);
      double value = one[0] == 0 ? 0 : one[0] / (one[0] + alpha * one[1] + beta * one[2]);
      if (one[0] + one[2] > 0) {
        sum += value;
        known++;
      }
      if (average instanceof Average.Binary(int positive) && positive == k) {
        chosen = value;
      }
    }
    return switch (average) {
      case Average.Macro() -> sum / known;
      case Average.Micro() -> found[0] / (found[0] + alpha * found[1] + beta * found[2]);
      case Average.Binary(int _) -> chosen;
    };
  }

  /** Right, wrongly decided, missed. */
  private static double[] counts(int k, long[] decided, long[] labels) {
    double[] counts = new double[3];
    for (int row = 0; row < labels.length; row++) {
      boolean is = labels[row] == k;
      boolean said = decided[row] == k;
      counts[0] += is && said ? 1 : 0;
      counts[1] += said && !is ? 1 : 0;
      counts[2] += is && !said ? 1 : 0;
    }
    return counts;
  }

  /** The mean over classes of the precision at each of their rows, by falling probability. */
  static double meanAveragePrecision(Rows rows) {
    double sum = 0;
    int known = 0;
    for (int k = 0; k < rows.classes(); k++) {
      int at = k;
      double[] scores =
          Arrays.stream(rows.logits()).mapToDouble(row -> row[at] - logSumExp(row)).toArray();
      int[] order =
          IntStream.range(0, rows.count())
              .boxed()
              .sorted(Comparator.comparingDouble(row -> -scores[row]))
              .mapToInt(row -> row)
              .toArray();
      double precisions = 0;
      int found = 0;
      for (int rank = 0; rank < order.length; rank++) {
        if (rows.labels()[order[rank]] == k) {
          found++;
          precisions += (double) found / (rank + 1);
        }
      }
      if (found > 0) {
        sum += precisions / found;
        known++;
      }
    }
    return sum / known;
  }

  static double logSumExp(double[] x) {
    double most = Arrays.stream(x).max().orElseThrow();
    return most + Math.log(Arrays.stream(x).map(one -> Math.exp(one - most)).sum());
  }

  static double[] softmax(double[] x) {
    double sum = logSumExp(x);
    return Arrays.stream(x).map(one -> Math.exp(one - sum)).toArray();
  }
}
