package io.millrace.vision.evaluate;

import io.millrace.vision.box.Detection;
import io.millrace.vision.box.LabelledBox;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Greedy matching in the order of the scores, as pycocotools' {@code evaluateImg} does it. */
final class CocoMatcher {
  /** IoU .50:.05:.95. */
  static final double[] THRESHOLDS = evenlySpaced(0.5, 0.95, 10);

  /** Of a picture and a class; the best count. */
  static final int MOST_DETECTIONS = 100;

  private CocoMatcher() {}

  /** What became of a picture's detections of a class. */
  static ClassMatches match(EvaluatedPicture picture, int classIndex, AreaRange range) {
    // Truths to be ignored come last.
    List<LabelledBox> truth =
        picture.truthOf(classIndex).stream().sorted(Comparator.comparing(range::ignores)).toList();
    List<Detection> found =
        picture.detectionsOf(classIndex).stream().limit(MOST_DETECTIONS).toList();
    boolean[] ignored = new boolean[truth.size()];
    for (int g = 0; g < ignored.length; g++) {
      ignored[g] = range.ignores(truth.get(g));
    }
    boolean[][] matched = new boolean[THRESHOLDS.length][found.size()];
    boolean[][] skipped = new boolean[THRESHOLDS.length][found.size()];
    double[][] overlaps = Overlaps.of(found, truth);
    for (int t = 0; t < THRESHOLDS.length; t++) {
      boolean[] taken = new boolean[truth.size()];
      for (int d = 0; d < found.size(); d++) {
        int best = best(overlaps[d], truth, ignored, taken, THRESHOLDS[t]);
        if (best >= 0) {
          taken[best] = true;
          matched[t][d] = true;
          skipped[t][d] = ignored[best];
        } else {
          skipped[t][d] = !range.has(found.get(d).box().area());
        }
      }
    }
    double[] scores = found.stream().mapToDouble(Detection::score).toArray();
    long positives = IntStream.range(0, ignored.length).filter(g -> !ignored[g]).count();
    return new ClassMatches(scores, matched, skipped, positives);
  }

  /** The truth that a detection matches, -1 for none. */
  private static int best(
      double[] overlaps,
      List<LabelledBox> truth,
      boolean[] ignored,
      boolean[] taken,
      double threshold) {
    double least = Math.min(threshold, 1 - 1e-10);
    int best = -1;
    for (int g = 0; g < overlaps.length; g++) {
      if (taken[g] && !truth.get(g).crowd()) {
        continue;
      }
      if (best >= 0 && !ignored[best] && ignored[g]) {
        break;
      }
      if (overlaps[g] >= least) {
        least = overlaps[g];
        best = g;
      }
    }
    return best;
  }

  /** The same numbers to the last bit as NumPy's linspace, which decide ties. */
  static double[] evenlySpaced(double first, double last, int count) {
    double step = (last - first) / (count - 1);
    double[] values = IntStream.range(0, count).mapToDouble(i -> i * step + first).toArray();
    values[count - 1] = last;
    return values;
  }
}
