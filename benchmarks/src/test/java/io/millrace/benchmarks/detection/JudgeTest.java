package io.millrace.benchmarks.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.vision.box.Box;
import io.millrace.vision.box.Detection;
import io.millrace.vision.box.LabelledBox;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JudgeTest {

  private static LabelledBox object(double x, double y, double side) {
    return new LabelledBox(new Box(x, y, side, side), 0, /* crowd= */ false);
  }

  private static Detection detection(double x, double y, double side, double score) {
    return new Detection(new Box(x, y, side, side), 0, "cell", score);
  }

  private static SmallObjects sizes(double small, double large) {
    return new SmallObjects(small, large, 1, 0, "", 0, "");
  }

  @Test
  void bordersOfSizesAreThoseThatAreAskedFor() {
    Judge judge = new Judge(List.of("cell"), sizes(12, 24));
    // Of sizes 10, 20 and 30 only the small and the middle one are found.
    judge.add(
        List.of(object(0, 0, 10), object(40, 0, 20), object(80, 0, 30)),
        List.of(detection(0, 0, 10, 0.9), detection(40, 0, 20, 0.8)),
        1);
    Map<String, Double> figures = judge.figures();
    assertThat(figures.get("map_small")).isCloseTo(1, within(1e-9));
    assertThat(figures.get("map_large")).isCloseTo(0, within(1e-9));
    assertThat(figures.get("map50 cell")).isCloseTo(67.0 / 101, within(1e-9));
    assertThat(figures).doesNotContainKeys("map_medium", "recall_medium");
  }

  @Test
  void cocosBordersAreTheStandard() {
    Judge judge = new Judge(List.of("cell"), sizes(32, 96));
    judge.add(List.of(object(0, 0, 30)), List.of(detection(0, 0, 30, 0.9)), 1);
    Map<String, Double> figures = judge.figures();
    assertThat(figures.get("map_small")).isCloseTo(1, within(1e-9));
    assertThat(figures).doesNotContainKey("map_large");
  }

  @Test
  void recallsTellSharedCellsFromOthers() {
    Recalls recalls = new Recalls(12);
    // At scale 2 a cell is 16 pixels: the first two share one, the third has its own.
    recalls.add(
        List.of(object(0, 0, 6), object(8, 8, 6), object(40, 40, 20)),
        List.of(
            detection(0, 0, 6, 0.9),
            detection(0.1, 0, 6, 0.8),
            detection(40, 40, 20, 0.7),
            detection(8, 8, 2, 0.6)),
        2);
    assertThat(recalls.figures())
        .containsEntry("recall of objects in shared cells", 0.5)
        .containsEntry("recall of objects alone in a cell", 1.0)
        .containsEntry("recall of small objects", 0.5)
        .containsEntry("recall of tiny objects", 0.5);
  }

  @Test
  void anObjectIsFoundByItsOwnClassAndCrowdsCountNeitherWay() {
    Recalls recalls = new Recalls(12);
    LabelledBox crowd = new LabelledBox(new Box(60, 60, 9, 9), 0, /* crowd= */ true);
    LabelledBox other = new LabelledBox(new Box(0, 0, 9, 9), 1, /* crowd= */ false);
    recalls.add(List.of(other, crowd), List.of(detection(0, 0, 9, 0.9)), 1);
    assertThat(recalls.figures())
        .containsEntry("recall of small objects", 0.0)
        .doesNotContainKeys("recall of objects in shared cells", "recall of tiny objects");
  }
}
