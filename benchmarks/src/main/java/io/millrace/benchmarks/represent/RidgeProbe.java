package io.millrace.benchmarks.represent;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * A linear probe in closed form: ridge regression to one value a class, of standardised features.
 * How much it shrinks is chosen by a fifth of the labelled documents that it does not see.
 */
final class RidgeProbe {

  private static final double[] PENALTIES = {1e-3, 1e-2, 1e-1, 1, 10};
  private static final int FOLDS = 5;

  private final double[] mean;
  private final double[] deviation;
  private final double[][] weights; // [features + 1, classes]

  private RidgeProbe(double[] mean, double[] deviation, double[][] weights) {
    this.mean = mean;
    this.deviation = deviation;
    this.weights = weights;
  }

  /** Learns from features and classes. */
  static RidgeProbe learn(List<float[]> features, List<Integer> labels, int classes, long seed) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < labels.size(); i++) {
      order.add(i);
    }
    Collections.shuffle(order, new Random(seed));
    int kept = labels.size() / FOLDS;
    double best = PENALTIES[PENALTIES.length / 2];
    double most = -1;
    for (double penalty : kept < classes ? new double[0] : PENALTIES) {
      List<Integer> judged = order.subList(0, kept);
      RidgeProbe probe = fit(features, labels, order.subList(kept, order.size()), classes, penalty);
      Scores scores = new Scores(classes);
      judged.forEach(i -> scores.add(labels.get(i), probe.predict(features.get(i))));
      if (scores.macroF1() > most) {
        most = scores.macroF1();
        best = penalty;
      }
    }
    return fit(features, labels, order, classes, best);
  }

  private static RidgeProbe fit(
      List<float[]> features,
      List<Integer> labels,
      List<Integer> rows,
      int classes,
      double penalty) {
    int width = features.getFirst().length;
    double[] mean = new double[width];
    double[] deviation = new double[width];
    for (int row : rows) {
      float[] x = features.get(row);
      for (int j = 0; j < width; j++) {
        mean[j] += x[j] / rows.size();
      }
    }
    for (int row : rows) {
      float[] x = features.get(row);
      for (int j = 0; j < width; j++) {
        deviation[j] += (x[j] - mean[j]) * (x[j] - mean[j]) / rows.size();
      }
    }
    for (int j = 0; j < width; j++) {
      deviation[j] = Math.max(1e-6, Math.sqrt(deviation[j]));
    }
    RidgeProbe probe = new RidgeProbe(mean, deviation, new double[width + 1][classes]);
    double[][] gram = new double[width + 1][width + 1];
    double[][] moments = new double[width + 1][classes];
    for (int row : rows) {
      double[] x = probe.standardised(features.get(row));
      for (int i = 0; i <= width; i++) {
        for (int j = 0; j <= i; j++) {
          gram[i][j] += x[i] * x[j];
        }
        moments[i][labels.get(row)] += x[i];
      }
    }
    for (int i = 0; i < width; i++) {
      gram[i][i] += penalty * rows.size();
    }
    solve(gram, moments, probe.weights);
    return probe;
  }

  /** By Cholesky's decomposition, of which the lower triangle is read and overwritten. */
  private static void solve(double[][] gram, double[][] right, double[][] solution) {
    int n = gram.length;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = gram[i][j];
        for (int k = 0; k < j; k++) {
          sum -= gram[i][k] * gram[j][k];
        }
        gram[i][j] = i == j ? Math.sqrt(sum) : sum / gram[j][j];
      }
    }
    for (int c = 0; c < right[0].length; c++) {
      for (int i = 0; i < n; i++) {
        double sum = right[i][c];
        for (int k = 0; k < i; k++) {
          sum -= gram[i][k] * solution[k][c];
        }
        solution[i][c] = sum / gram[i][i];
      }
      for (int i = n - 1; i >= 0; i--) {
        double sum = solution[i][c];
        for (int k = i + 1; k < n; k++) {
          sum -= gram[k][i] * solution[k][c];
        }
        solution[i][c] = sum / gram[i][i];
      }
    }
  }

  private double[] standardised(float[] x) {
    double[] values = new double[x.length + 1];
    for (int j = 0; j < x.length; j++) {
      values[j] = (x[j] - mean[j]) / deviation[j];
    }
    values[x.length] = 1;
    return values;
  }

  /** The class whose value is largest. */
  int predict(float[] features) {
    double[] x = standardised(features);
    int best = 0;
    double most = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < weights[0].length; c++) {
      double value = 0;
      for (int j = 0; j < x.length; j++) {
        value += x[j] * weights[j][c];
      }
      if (value > most) {
        most = value;
        best = c;
      }
    }
    return best;
  }
}
