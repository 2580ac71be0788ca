package io.millrace.vision.evaluate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Precision over recall, by falling score. */
record Curve(double[] recalls, double[] precisions) {

  private static final double EPSILON = Math.ulp(1.0);

  private record Hit(double score, boolean matched) {}

  static Curve of(List<ImageMatches> images, int threshold, long positives) {
    List<Hit> hits = new ArrayList<>();
    for (ImageMatches image : images) {
      for (int d = 0; d < image.scores().length; d++) {
        if (!image.ignored()[threshold][d]) {
          hits.add(new Hit(image.scores()[d], image.matched()[threshold][d]));
        }
      }
    }
    // Stable, as pycocotools' merge sort: of equal scores the earlier picture counts first.
    hits.sort(Comparator.comparingDouble(hit -> -hit.score()));
    double[] recalls = new double[hits.size()];
    double[] precisions = new double[hits.size()];
    long right = 0;
    for (int i = 0; i < recalls.length; i++) {
      right += hits.get(i).matched() ? 1 : 0;
      recalls[i] = (double) right / positives;
      precisions[i] = right / (i + 1 + EPSILON);
    }
    for (int i = precisions.length - 1; i > 0; i--) {
      precisions[i - 1] = Math.max(precisions[i - 1], precisions[i]);
    }
    return new Curve(recalls, precisions);
  }

  /** Mean of the precisions at the first points that reach each recall; 0 where none does. */
  double averagePrecision(double[] at) {
    double sum = 0;
    int point = 0;
    for (double recall : at) {
      while (point < recalls.length && recalls[point] < recall) {
        point++;
      }
      sum += point < recalls.length ? precisions[point] : 0;
    }
    return sum / at.length;
  }

  double highestRecall() {
    return recalls.length == 0 ? 0 : recalls[recalls.length - 1];
  }
}
