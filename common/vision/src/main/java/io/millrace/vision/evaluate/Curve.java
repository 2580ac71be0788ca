package io.millrace.vision.evaluate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Precision over recall by falling score, as pycocotools' {@code accumulate} makes it: the
 * precision is monotone from the right.
 */
record Curve(double[] recalls, double[] precisions) {
  /** Where COCO reads precision: 0, 0.01, ... 1. */
  static final double[] RECALLS = CocoMatcher.evenlySpaced(0, 1, 101);

  private static final double EPSILON = Math.ulp(1.0);

  /**
   * A detection that counts.
   *
   * @param matched whether it is right
   */
  record Hit(double score, boolean matched) {}

  /**
   * The detections that count at a threshold, in the order of the pictures.
   *
   * @param most of a picture
   */
  static List<Hit> hits(List<ClassMatches> pictures, int threshold, int most) {
    List<Hit> hits = new ArrayList<>();
    for (ClassMatches picture : pictures) {
      for (int d = 0; d < Math.min(most, picture.scores().length); d++) {
        if (!picture.ignored()[threshold][d]) {
          hits.add(new Hit(picture.scores()[d], picture.matched()[threshold][d]));
        }
      }
    }
    return hits;
  }

  /**
   * A curve.
   *
   * @param positives truths that should be found, at least one
   */
  static Curve of(List<Hit> hits, long positives) {
    // Stable, as pycocotools' merge sort: of equal scores the earlier picture counts first.
    List<Hit> ranked =
        hits.stream().sorted(Comparator.comparingDouble(hit -> -hit.score())).toList();
    double[] recalls = new double[ranked.size()];
    double[] precisions = new double[ranked.size()];
    long right = 0;
    for (int i = 0; i < recalls.length; i++) {
      right += ranked.get(i).matched() ? 1 : 0;
      recalls[i] = (double) right / positives;
      precisions[i] = right / (i + 1 + EPSILON);
    }
    for (int i = precisions.length - 1; i > 0; i--) {
      precisions[i - 1] = Math.max(precisions[i - 1], precisions[i]);
    }
    return new Curve(recalls, precisions);
  }

  /** Mean of the precisions at {@link #RECALLS}. */
  double averagePrecision() {
    return averagePrecision(RECALLS);
  }

  /** Mean of the precisions at rising recalls. */
  double averagePrecision(double[] at) {
    double sum = 0;
    for (double precision : precisions(at)) {
      sum += precision;
    }
    return sum / at.length;
  }

  /** The precisions at the first points that reach each of rising recalls; 0 where none does. */
  double[] precisions(double[] at) {
    double[] found = new double[at.length];
    int point = 0;
    for (int r = 0; r < at.length; r++) {
      while (point < recalls.length && recalls[point] < at[r]) {
        point++;
      }
      found[r] = point < recalls.length ? precisions[point] : 0;
    }
    return found;
  }

  double highestRecall() {
    return recalls.length == 0 ? 0 : recalls[recalls.length - 1];
  }
}
