package io.millrace.vision.evaluate;

import io.millrace.vision.box.Detection;
import io.millrace.vision.box.LabelledBox;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * What objects were taken for. Pairs of a truth and a detection, of whatever class, are made by
 * falling IoU, each used once. A detection that is in no pair and lies in a crowd by at least the
 * least IoU is left out.
 *
 * @param minScore of the detections that count
 * @param minIou of a pair
 * @param counts by true class and detected class; the last row is background that was taken for an
 *     object, the last column are objects that were missed
 */
public record ConfusionMatrix(double minScore, double minIou, List<List<Long>> counts) {
  private static final double IOU = 0.5;

  public ConfusionMatrix {
    counts = counts.stream().map(List::copyOf).toList();
  }

  /** The matrix over all pictures. */
  static ConfusionMatrix of(int classes, List<EvaluatedPicture> pictures, double minScore) {
    long[][] counts = new long[classes + 1][classes + 1];
    for (EvaluatedPicture picture : pictures) {
      count(picture, minScore, counts);
    }
    return new ConfusionMatrix(
        minScore,
        IOU,
        Arrays.stream(counts).map(row -> Arrays.stream(row).boxed().toList()).toList());
  }

  private static void count(EvaluatedPicture picture, double minScore, long[][] counts) {
    int background = counts.length - 1;
    List<LabelledBox> truth = picture.truth().stream().filter(box -> !box.crowd()).toList();
    List<LabelledBox> crowds = picture.truth().stream().filter(LabelledBox::crowd).toList();
    List<Detection> found =
        picture.ranked().stream().filter(one -> one.score() >= minScore).toList();
    boolean[] truthTaken = new boolean[truth.size()];
    boolean[] foundTaken = new boolean[found.size()];
    for (Pair pair : pairs(found, truth)) {
      if (!truthTaken[pair.truth()] && !foundTaken[pair.found()]) {
        truthTaken[pair.truth()] = true;
        foundTaken[pair.found()] = true;
        counts[truth.get(pair.truth()).classIndex()][found.get(pair.found()).classIndex()]++;
      }
    }
    for (int g = 0; g < truthTaken.length; g++) {
      counts[truth.get(g).classIndex()][background] += truthTaken[g] ? 0 : 1;
    }
    double[][] inCrowds = Overlaps.of(found, crowds);
    for (int d = 0; d < foundTaken.length; d++) {
      boolean wrong = !foundTaken[d] && Arrays.stream(inCrowds[d]).noneMatch(in -> in >= IOU);
      counts[background][found.get(d).classIndex()] += wrong ? 1 : 0;
    }
  }

  /** By falling IoU; of equal ones the better detection's first. */
  private static List<Pair> pairs(List<Detection> found, List<LabelledBox> truth) {
    double[][] overlaps = Overlaps.of(found, truth);
    List<Pair> pairs = new ArrayList<>();
    for (int d = 0; d < overlaps.length; d++) {
      for (int g = 0; g < overlaps[d].length; g++) {
        if (overlaps[d][g] >= IOU) {
          pairs.add(new Pair(overlaps[d][g], d, g));
        }
      }
    }
    pairs.sort(Comparator.comparingDouble(pair -> -pair.iou()));
    return pairs;
  }

  private record Pair(double iou, int found, int truth) {}
}
