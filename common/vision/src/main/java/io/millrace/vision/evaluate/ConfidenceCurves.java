package io.millrace.vision.evaluate;

import java.util.Comparator;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Precision, recall and F1 at IoU .50 of the detections whose score is at least 0, 0.01, ... 1, to
 * four digits. Detections match as in COCO, so that leaving some out changes no other one's match.
 *
 * @param precision 1 where nothing is detected
 * @param recall of the truths that should be found
 * @param f1 harmonic mean of both
 */
public record ConfidenceCurves(List<Double> precision, List<Double> recall, List<Double> f1) {
  /** Scores that the curves are given for. */
  static final int POINTS = 101;

  public ConfidenceCurves {
    precision = List.copyOf(precision);
    recall = List.copyOf(recall);
    f1 = List.copyOf(f1);
  }

  /**
   * The curves of a class.
   *
   * @param positives truths that should be found, at least one
   */
  static ConfidenceCurves of(List<Curve.Hit> hits, long positives) {
    List<Curve.Hit> ranked =
        hits.stream().sorted(Comparator.comparingDouble(hit -> -hit.score())).toList();
    double[] precision = new double[POINTS];
    double[] recall = new double[POINTS];
    double[] f1 = new double[POINTS];
    int counted = 0;
    long right = 0;
    for (int point = POINTS - 1; point >= 0; point--) {
      double least = score(point);
      while (counted < ranked.size() && ranked.get(counted).score() >= least) {
        right += ranked.get(counted++).matched() ? 1 : 0;
      }
      precision[point] = counted == 0 ? 1 : (double) right / counted;
      recall[point] = (double) right / positives;
      // 2 PR / (P + R), without a division by zero.
      f1[point] = 2.0 * right / (counted + positives);
    }
    return new ConfidenceCurves(rounded(precision), rounded(recall), rounded(f1));
  }

  /** The means over classes; none without a class. */
  static ConfidenceCurves mean(List<ConfidenceCurves> classes) {
    return new ConfidenceCurves(
        meanOf(classes.stream().map(ConfidenceCurves::precision).toList()),
        meanOf(classes.stream().map(ConfidenceCurves::recall).toList()),
        meanOf(classes.stream().map(ConfidenceCurves::f1).toList()));
  }

  /** The lowest score with the best F1; 0 without curves. */
  public double bestScore() {
    int best = 0;
    for (int point = 1; point < f1.size(); point++) {
      best = f1.get(point) > f1.get(best) ? point : best;
    }
    return score(best);
  }

  /** The score of a point. */
  static double score(int point) {
    return point / (POINTS - 1.0);
  }

  /** To four digits. */
  static List<Double> rounded(double[] values) {
    return DoubleStream.of(values).mapToObj(value -> Math.rint(value * 1e4) / 1e4).toList();
  }

  /** Point by point. */
  static List<Double> meanOf(List<List<Double>> curves) {
    if (curves.isEmpty()) {
      return List.of();
    }
    double[] means =
        IntStream.range(0, curves.getFirst().size())
            .mapToDouble(
                point -> curves.stream().mapToDouble(curve -> curve.get(point)).average().orElse(0))
            .toArray();
    return rounded(means);
  }
}
