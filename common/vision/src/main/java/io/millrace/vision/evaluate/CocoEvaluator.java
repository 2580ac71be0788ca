package io.millrace.vision.evaluate;

import io.millrace.vision.box.Detection;
import io.millrace.vision.box.LabelledBox;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Average precision as pycocotools' COCOeval computes it for boxes: greedy matching in the order of
 * the scores, precision made monotone from the right and read at 101 recalls, crowds ignored.
 */
public final class CocoEvaluator {

  private static final int MOST_DETECTIONS = 100;
  private static final double[] THRESHOLDS = evenlySpaced(0.5, 0.95, 10);
  private static final double[] RECALLS = evenlySpaced(0, 1, 101);
  private static final double SMALL = 32 * 32;
  private static final double MEDIUM = 96 * 96;
  private static final double LARGEST = 1e10;

  private final int classes;
  private final List<List<LabelledBox>> truths = new ArrayList<>();
  private final List<List<Detection>> detections = new ArrayList<>();

  /**
   * @param classes number of classes
   */
  public CocoEvaluator(int classes) {
    this.classes = classes;
  }

  /** Adds what is true of a picture and what was detected in it. */
  public void add(List<LabelledBox> truth, List<Detection> detected) {
    truths.add(List.copyOf(truth));
    detections.add(List.copyOf(detected));
  }

  /** The summary over all pictures added. */
  public CocoResult evaluate() {
    double[][] all = curve(0, LARGEST);
    return new CocoResult(
        mean(all, THRESHOLDS.length),
        mean(new double[][] {all[0]}, 1),
        mean(new double[][] {all[5]}, 1),
        mean(curve(0, SMALL), THRESHOLDS.length),
        mean(curve(SMALL, MEDIUM), THRESHOLDS.length),
        mean(curve(MEDIUM, LARGEST), THRESHOLDS.length),
        mean(Arrays.copyOfRange(all, THRESHOLDS.length, 2 * THRESHOLDS.length), THRESHOLDS.length));
  }

  /**
   * Average precision by threshold and class, then the highest recall by threshold and class; -1
   * for a class without truth in the range of areas.
   */
  private double[][] curve(double leastArea, double mostArea) {
    double[][] results = new double[2 * THRESHOLDS.length][classes];
    for (int c = 0; c < classes; c++) {
      List<ImageMatches> images = new ArrayList<>();
      for (int image = 0; image < truths.size(); image++) {
        images.add(match(image, c, leastArea, mostArea));
      }
      long positives = images.stream().mapToLong(ImageMatches::positives).sum();
      for (int t = 0; t < THRESHOLDS.length; t++) {
        if (positives == 0) {
          results[t][c] = -1;
          results[THRESHOLDS.length + t][c] = -1;
        } else {
          Curve curve = Curve.of(images, t, positives);
          results[t][c] = curve.averagePrecision(RECALLS);
          results[THRESHOLDS.length + t][c] = curve.highestRecall();
        }
      }
    }
    return results;
  }

  private ImageMatches match(int image, int classIndex, double leastArea, double mostArea) {
    List<LabelledBox> truth =
        truths.get(image).stream()
            .filter(box -> box.classIndex() == classIndex)
            .sorted(Comparator.comparing(box -> ignored(box, leastArea, mostArea)))
            .toList();
    List<Detection> found =
        detections.get(image).stream()
            .filter(detection -> detection.classIndex() == classIndex)
            .sorted(Comparator.comparingDouble(detection -> -detection.score()))
            .limit(MOST_DETECTIONS)
            .toList();
    boolean[] ignored = new boolean[truth.size()];
    for (int g = 0; g < ignored.length; g++) {
      ignored[g] = ignored(truth.get(g), leastArea, mostArea);
    }
    double[] scores = found.stream().mapToDouble(Detection::score).toArray();
    boolean[][] matched = new boolean[THRESHOLDS.length][found.size()];
    boolean[][] skipped = new boolean[THRESHOLDS.length][found.size()];
    double[][] overlaps = overlaps(found, truth);
    for (int t = 0; t < THRESHOLDS.length; t++) {
      boolean[] taken = new boolean[truth.size()];
      for (int d = 0; d < found.size(); d++) {
        int best = best(overlaps[d], truth, ignored, taken, THRESHOLDS[t]);
        if (best >= 0) {
          taken[best] = true;
          matched[t][d] = true;
          skipped[t][d] = ignored[best];
        } else {
          double area = found.get(d).box().area();
          skipped[t][d] = area < leastArea || area > mostArea;
        }
      }
    }
    long positives = IntStream.range(0, ignored.length).filter(g -> !ignored[g]).count();
    return new ImageMatches(scores, matched, skipped, positives);
  }

  /**
   * The truth that a detection matches, -1 for none; truths to be ignored come last in the list.
   */
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

  private static boolean ignored(LabelledBox box, double leastArea, double mostArea) {
    return box.crowd() || box.area() < leastArea || box.area() > mostArea;
  }

  /** IoU; with a crowd the share of the detection that lies in it. */
  private static double[][] overlaps(List<Detection> found, List<LabelledBox> truth) {
    double[][] overlaps = new double[found.size()][truth.size()];
    for (int d = 0; d < found.size(); d++) {
      for (int g = 0; g < truth.size(); g++) {
        double shared = found.get(d).box().intersection(truth.get(g).box());
        double area = found.get(d).box().area();
        double union = truth.get(g).crowd() ? area : area + truth.get(g).box().area() - shared;
        overlaps[d][g] = union > 0 ? shared / union : 0;
      }
    }
    return overlaps;
  }

  /** The same numbers to the last bit as NumPy's linspace, which decide ties. */
  private static double[] evenlySpaced(double first, double last, int count) {
    double step = (last - first) / (count - 1);
    double[] values = IntStream.range(0, count).mapToDouble(i -> i * step + first).toArray();
    values[count - 1] = last;
    return values;
  }

  private static double mean(double[][] values, int rows) {
    return Arrays.stream(values)
        .limit(rows)
        .flatMapToDouble(Arrays::stream)
        .filter(value -> value > -1)
        .average()
        .orElse(-1);
  }
}
