package io.millrace.benchmarks.detection;

import io.millrace.vision.box.Box;
import io.millrace.vision.box.Detection;
import io.millrace.vision.box.LabelledBox;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Shares of objects that are found at an IoU of 0.5: of small ones, of tiny ones, and of those
 * whose centre has a cell of 32 pixels of the input to itself or shares it with others, which a
 * detector of one object a cell cannot find.
 */
final class Recalls {

  private static final double OVERLAP = 0.5;
  private static final int CELL = 32;

  private final double small;
  private final Map<String, int[]> counts = new LinkedHashMap<>();

  /**
   * None yet.
   *
   * @param small largest size of a small object; tiny ones are up to two thirds of it
   */
  Recalls(double small) {
    this.small = small;
  }

  /**
   * Adds a picture; crowds count neither way.
   *
   * @param truth in the picture's own pixels
   * @param found likewise, the best first
   * @param scale of the network's input to them
   */
  void add(List<LabelledBox> truth, List<Detection> found, double scale) {
    List<LabelledBox> objects = truth.stream().filter(one -> !one.crowd()).toList();
    List<LabelledBox> missed = missed(objects, found);
    Map<List<Integer>, Integer> inCell = new HashMap<>();
    objects.forEach(one -> inCell.merge(cell(one.box(), scale), 1, Integer::sum));
    for (LabelledBox one : objects) {
      boolean hit = missed.stream().noneMatch(other -> other == one);
      boolean alone = inCell.getOrDefault(cell(one.box(), scale), 0) == 1;
      count(alone ? "recall of objects alone in a cell" : "recall of objects in shared cells", hit);
      if (one.area() <= small * small) {
        count("recall of small objects", hit);
      }
      if (one.area() <= small * small * 4 / 9) {
        count("recall of tiny objects", hit);
      }
    }
  }

  /** Every detection finds the object of its class that it overlaps most with of those left. */
  private static List<LabelledBox> missed(List<LabelledBox> objects, List<Detection> found) {
    List<LabelledBox> left = new ArrayList<>(objects);
    for (Detection detection : found) {
      left.stream()
          .filter(one -> one.classIndex() == detection.classIndex())
          .filter(one -> one.box().iou(detection.box()) >= OVERLAP)
          .max(Comparator.comparingDouble(one -> one.box().iou(detection.box())))
          .ifPresent(best -> left.removeIf(one -> one == best));
    }
    return left;
  }

  private static List<Integer> cell(Box box, double scale) {
    return List.of(
        (int) ((box.x() + box.width() / 2) * scale / CELL),
        (int) ((box.y() + box.height() / 2) * scale / CELL));
  }

  private void count(String name, boolean hit) {
    int[] some = counts.computeIfAbsent(name, unused -> new int[2]);
    some[0] += hit ? 1 : 0;
    some[1]++;
  }

  /** Shares by name; without kinds of objects that there are none of. */
  Map<String, Double> figures() {
    Map<String, Double> figures = new LinkedHashMap<>();
    counts.forEach((name, some) -> figures.put(name, (double) some[0] / some[1]));
    return figures;
  }
}
