package io.millrace.vision.evaluate;

import io.millrace.vision.box.Box;
import io.millrace.vision.box.Detection;
import io.millrace.vision.box.LabelledBox;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Average precision as the development kit of Pascal VOC computes it ({@code VOCevaldet.m}, {@code
 * VOCap.m}). A detection belongs to the truth that it overlaps most, also if that is found already,
 * and is right from IoU .50. Difficult objects, which {@link LabelledBox#crowd} marks, need not be
 * found, and what belongs to one counts neither as right nor as wrong.
 *
 * <p>The kit's corners are whole pixels from 1, the last one within the box: hence its "+ 1". Boxes
 * here are the same ones, read so that their width has it.
 */
final class VocEvaluator {
  private static final double LEAST_IOU = 0.5;
  private static final int POINTS = 11;

  private VocEvaluator() {}

  /** The figures over all pictures and classes, also of each class. */
  static VocSummary summary(int classes, List<EvaluatedPicture> pictures) {
    List<VocResult> results =
        IntStream.range(0, classes).mapToObj(c -> evaluate(c, pictures)).toList();
    return new VocSummary(
        new VocResult(mean(results, VocResult::elevenPoint), mean(results, VocResult::allPoint)),
        results);
  }

  private static VocResult evaluate(int classIndex, List<EvaluatedPicture> pictures) {
    List<Truths> truths = new ArrayList<>();
    List<Found> found = new ArrayList<>();
    for (EvaluatedPicture picture : pictures) {
      List<LabelledBox> boxes = picture.truthOf(classIndex);
      Truths ofPicture = new Truths(boxes, new boolean[boxes.size()]);
      truths.add(ofPicture);
      for (Detection detection : picture.detections()) {
        if (detection.classIndex() == classIndex) {
          found.add(new Found(detection, ofPicture));
        }
      }
    }
    long positives = truths.stream().mapToLong(Truths::positives).sum();
    if (positives == 0) {
      return new VocResult(-1, -1);
    }
    found.sort(Comparator.comparingDouble(one -> -one.detection().score()));
    double[] recalls = new double[found.size()];
    double[] precisions = new double[found.size()];
    long right = 0;
    long counted = 0;
    for (int i = 0; i < recalls.length; i++) {
      Outcome outcome = found.get(i).outcome();
      right += outcome == Outcome.RIGHT ? 1 : 0;
      counted += outcome == Outcome.IGNORED ? 0 : 1;
      recalls[i] = (double) right / positives;
      precisions[i] = counted == 0 ? 0 : (double) right / counted;
    }
    return new VocResult(elevenPoint(recalls, precisions), allPoint(recalls, precisions));
  }

  /** Mean of the highest precision from each of the recalls 0, 0.1, ... 1 on. */
  private static double elevenPoint(double[] recalls, double[] precisions) {
    double sum = 0;
    for (int point = 0; point < POINTS; point++) {
      double least = point / (POINTS - 1.0);
      sum +=
          IntStream.range(0, recalls.length)
              .filter(i -> recalls[i] >= least)
              .mapToDouble(i -> precisions[i])
              .max()
              .orElse(0);
    }
    return sum / POINTS;
  }

  /** The area under the curve after it was made monotone from the right. */
  private static double allPoint(double[] recalls, double[] precisions) {
    double area = 0;
    double highest = 0;
    for (int i = recalls.length - 1; i >= 0; i--) {
      highest = Math.max(highest, precisions[i]);
      area += (recalls[i] - (i == 0 ? 0 : recalls[i - 1])) * highest;
    }
    return area;
  }

  private static double mean(List<VocResult> classes, ToDoubleFunction<VocResult> figure) {
    return classes.stream().mapToDouble(figure).filter(value -> value >= 0).average().orElse(-1);
  }

  /** What a detection is. */
  private enum Outcome {
    RIGHT,
    WRONG,
    IGNORED
  }

  /** The truths of a class in a picture, and which of them are found. */
  private record Truths(List<LabelledBox> boxes, boolean[] taken) {
    long positives() {
      return boxes.stream().filter(box -> !box.crowd()).count();
    }
  }

  private record Found(Detection detection, Truths truths) {

    /** Also takes the truth that it finds. */
    Outcome outcome() {
      Box box = detection.box();
      double most = 0;
      int best = -1;
      for (int g = 0; g < truths.boxes().size(); g++) {
        double iou = box.iou(truths.boxes().get(g).box());
        if (iou > most) {
          most = iou;
          best = g;
        }
      }
      if (most < LEAST_IOU) {
        return Outcome.WRONG;
      }
      if (truths.boxes().get(best).crowd()) {
        return Outcome.IGNORED;
      }
      boolean again = truths.taken()[best];
      truths.taken()[best] = true;
      return again ? Outcome.WRONG : Outcome.RIGHT;
    }
  }
}
