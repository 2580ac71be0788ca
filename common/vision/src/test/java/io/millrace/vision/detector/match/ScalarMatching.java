package io.millrace.vision.detector.match;

import io.millrace.vision.box.Box;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Matching of anchors with objects, one by one, as the papers describe it. */
final class ScalarMatching {

  private ScalarMatching() {}

  static long[] matches(List<Box> objects, List<Box> ignored, List<Box> anchors, Matching rule) {
    long[] found = new long[anchors.size()];
    for (int a = 0; a < found.length; a++) {
      found[a] = firstStage(objects, anchors.get(a), rule);
    }
    switch (rule.leftover()) {
      case NONE -> {}
      case BEST -> addBest(found, objects, anchors);
      case COMPENSATED -> compensate(found, objects, anchors);
    }
    for (int a = 0; a < found.length; a++) {
      Box anchor = anchors.get(a);
      boolean out =
          ignored.stream()
              .anyMatch(box ->
                  box.intersection(anchor) / anchor.area() >= 0.5
                      || box.iou(anchor) >= rule.background());
      if (found[a] == -1 && out) {
        found[a] = -2;
      }
    }
    return found;
  }

  private static long firstStage(List<Box> objects, Box anchor, Matching rule) {
    double most = 0;
    int best = -1;
    for (int k = 0; k < objects.size(); k++) {
      double iou = objects.get(k).iou(anchor);
      if (iou > most) {
        most = iou;
        best = k;
      }
    }
    return most >= rule.positive() ? best : most < rule.background() ? -1 : -2;
  }

  private static void addBest(long[] found, List<Box> objects, List<Box> anchors) {
    for (int a = 0; a < found.length; a++) {
      double most = 0;
      for (int k = 0; k < objects.size(); k++) {
        Box object = objects.get(k);
        double iou = object.iou(anchors.get(a));
        double best = anchors.stream().mapToDouble(object::iou).max().orElseThrow();
        if (iou > 0 && iou == best && iou > most) {
          most = iou;
          found[a] = k;
        }
      }
    }
  }

  private static void compensate(long[] found, List<Box> objects, List<Box> anchors) {
    int[] counts = new int[objects.size()];
    Arrays.stream(found).filter(k -> k >= 0).forEach(k -> counts[(int) k]++);
    if (objects.isEmpty()) {
      return;
    }
    int average = Math.max(1, Arrays.stream(counts).sum() / objects.size());
    List<List<Integer>> asked = new ArrayList<>();
    for (int k = 0; k < objects.size(); k++) {
      Box object = objects.get(k);
      asked.add(
          counts[k] >= average
              ? List.of()
              : IntStream.range(0, found.length)
                  .boxed()
                  .sorted(Comparator.comparingDouble(a -> -object.iou(anchors.get(a))))
                  .limit(average)
                  .filter(a -> object.iou(anchors.get(a)) > 0.1)
                  .toList());
    }
    for (int a = 0; a < found.length; a++) {
      double most = 0;
      boolean taken = found[a] >= 0;
      for (int k = 0; k < objects.size(); k++) {
        double iou = objects.get(k).iou(anchors.get(a));
        if (!taken && asked.get(k).contains(a) && iou > most) {
          most = iou;
          found[a] = k;
        }
      }
    }
  }
}
