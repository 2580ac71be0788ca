package io.millrace.vision.evaluate;

import io.millrace.vision.box.Detection;
import io.millrace.vision.box.LabelledBox;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Average precision and recall as pycocotools' COCOeval computes them for boxes: greedy matching in
 * the order of the scores, precision made monotone from the right and read at 101 recalls, crowds
 * ignored.
 */
public final class CocoEvaluator {
  /** Index of IoU .75. */
  private static final int STRICT = 5;

  private final int classes;
  private final List<EvaluatedPicture> pictures;

  /**
   * An evaluator without pictures.
   *
   * @param classes number of classes
   */
  public CocoEvaluator(int classes) {
    this(classes, List.of());
  }

  /** An evaluator that has pictures. */
  CocoEvaluator(int classes, List<EvaluatedPicture> pictures) {
    this.classes = classes;
    this.pictures = new ArrayList<>(pictures);
  }

  /** Adds what is true of a picture and what was detected in it. */
  public void add(List<LabelledBox> truth, List<Detection> detected) {
    pictures.add(new EvaluatedPicture(truth, detected));
  }

  /** The figures over all pictures added. */
  public CocoResult evaluate() {
    return summary().all();
  }

  /** The figures over all pictures added, also of each class. */
  public CocoSummary summary() {
    Map<AreaRange, List<Scores>> scores = new EnumMap<>(AreaRange.class);
    for (AreaRange range : AreaRange.values()) {
      scores.put(range, IntStream.range(0, classes).mapToObj(c -> scores(c, range)).toList());
    }
    return new CocoSummary(
        result(scores, 0, classes),
        IntStream.range(0, classes).mapToObj(c -> result(scores, c, c + 1)).toList());
  }

  private Scores scores(int classIndex, AreaRange range) {
    List<ClassMatches> matches =
        pictures.stream().map(picture -> CocoMatcher.match(picture, classIndex, range)).toList();
    long positives = matches.stream().mapToLong(ClassMatches::positives).sum();
    double[] precision = new double[CocoMatcher.THRESHOLDS.length];
    double[][] recall = new double[Scores.MOST.length][precision.length];
    for (int t = 0; t < precision.length; t++) {
      precision[t] = -1;
      for (int m = 0; m < Scores.MOST.length; m++) {
        recall[m][t] = -1;
        if (positives > 0) {
          Curve curve = Curve.of(Curve.hits(matches, t, Scores.MOST[m]), positives);
          recall[m][t] = curve.highestRecall();
          // The last of all counts the most detections, as precision does.
          precision[t] = curve.averagePrecision();
        }
      }
    }
    return new Scores(precision, recall);
  }

  /** The means over some classes, from one up to but not including another. */
  private static CocoResult result(Map<AreaRange, List<Scores>> scores, int from, int to) {
    List<Scores> all = scores.getOrDefault(AreaRange.ALL, List.of()).subList(from, to);
    List<Scores> small = scores.getOrDefault(AreaRange.SMALL, List.of()).subList(from, to);
    List<Scores> medium = scores.getOrDefault(AreaRange.MEDIUM, List.of()).subList(from, to);
    List<Scores> large = scores.getOrDefault(AreaRange.LARGE, List.of()).subList(from, to);
    return new CocoResult(
        precision(all),
        mean(all.stream().map(s -> new double[] {s.precision()[0]}).toList()),
        mean(all.stream().map(s -> new double[] {s.precision()[STRICT]}).toList()),
        precision(small),
        precision(medium),
        precision(large),
        recall(all, 0),
        recall(all, 1),
        recall(all, 2),
        recall(small, 2),
        recall(medium, 2),
        recall(large, 2));
  }

  private static double precision(List<Scores> classes) {
    return mean(classes.stream().map(Scores::precision).toList());
  }

  private static double recall(List<Scores> classes, int most) {
    return mean(classes.stream().map(scores -> scores.recall()[most]).toList());
  }

  private static double mean(List<double[]> values) {
    return values.stream()
        .flatMapToDouble(Arrays::stream)
        .filter(value -> value > -1)
        .average()
        .orElse(-1);
  }

  /**
   * Of a class and a range of areas; -1 without truth.
   *
   * @param precision average precision by threshold
   * @param recall highest recall by number of detections and threshold
   */
  private record Scores(double[] precision, double[][] recall) {
    /** Detections of a picture and a class that count. */
    static final int[] MOST = {1, 10, CocoMatcher.MOST_DETECTIONS};
  }
}
