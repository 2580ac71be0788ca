package io.millrace.benchmarks.detection;

import io.millrace.vision.box.Box;
import io.millrace.vision.box.Detection;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.evaluate.CocoEvaluator;
import io.millrace.vision.evaluate.CocoSummary;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * COCO's figures, with borders of small and large objects that fit the data: where objects are
 * {@code 32 / small} times as large, what was small is so by COCO's own border.
 */
final class Judge {

  /** COCO's borders in pixels. */
  private static final double SMALL = 32;

  private static final double LARGE = 96;

  private final List<String> classes;
  private final SmallObjects sizes;
  private final CocoEvaluator all;
  private final CocoEvaluator small;
  private final CocoEvaluator large;
  private final Recalls recalls;

  Judge(List<String> classes, SmallObjects sizes) {
    this.classes = classes;
    this.sizes = sizes;
    this.all = new CocoEvaluator(classes.size());
    this.small = new CocoEvaluator(classes.size());
    this.large = new CocoEvaluator(classes.size());
    this.recalls = new Recalls(sizes.small());
  }

  /**
   * Adds a picture.
   *
   * @param truth in the picture's own pixels
   * @param found likewise, the best first
   * @param scale of the network's input to them
   */
  void add(List<LabelledBox> truth, List<Detection> found, double scale) {
    all.add(truth, found);
    add(small, truth, found, SMALL / sizes.small());
    add(large, truth, found, LARGE / sizes.large());
    recalls.add(truth, found, scale);
  }

  private static void add(
      CocoEvaluator evaluator, List<LabelledBox> truth, List<Detection> found, double factor) {
    evaluator.add(
        truth.stream()
            .map(one ->
                new LabelledBox(
                    scaled(one.box(), factor),
                    one.classIndex(),
                    one.crowd(),
                    one.area() * factor * factor))
            .toList(),
        found.stream()
            .map(one ->
                new Detection(
                    scaled(one.box(), factor), one.classIndex(), one.label(), one.score()))
            .toList());
  }

  private static Box scaled(Box box, double factor) {
    return box.transform(factor, 0, 0);
  }

  /** The figures by name. */
  Map<String, Double> figures() {
    CocoSummary summary = all.summary();
    Map<String, Double> figures = new LinkedHashMap<>(summary.all().figures());
    figures.keySet().removeIf(name -> name.contains("medium"));
    take(figures, small.evaluate().figures(), "small");
    take(figures, large.evaluate().figures(), "large");
    figures.putAll(recalls.figures());
    for (int i = 0; i < classes.size(); i++) {
      figures.put("map50 " + classes.get(i), summary.classes().get(i).map50());
    }
    return figures;
  }

  private static void take(Map<String, Double> figures, Map<String, Double> others, String size) {
    for (String name : List.of("map_" + size, "recall_" + size)) {
      figures.remove(name);
      if (others.containsKey(name)) {
        figures.put(name, others.getOrDefault(name, -1.0));
      }
    }
  }
}
