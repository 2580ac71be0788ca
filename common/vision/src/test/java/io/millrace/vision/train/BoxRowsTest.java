package io.millrace.vision.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.vision.box.Box;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.detector.DetectorNetwork;
import io.millrace.vision.detector.SmallDetectors;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BoxRowsTest {

  private static final DetectorConfig CONFIG =
      SmallDetectors.centerNet(List.of("a", "b"), 64, 32, List.of(8, 8, 8), List.of(1, 0), 8, 8, 8);

  private final TensorEngine engine = TensorEngine.start("cpu");

  @Test
  void countsACellOnceAClass() {
    LabelledBox box = new LabelledBox(new Box(10, 10, 4, 4), 0, false);
    LabelledBox sameCell = new LabelledBox(new Box(9, 9, 6.5, 6.5), 0, false);
    LabelledBox otherClass = new LabelledBox(new Box(10, 10, 4, 4), 1, false);
    LabelledBox crowd = new LabelledBox(new Box(30, 10, 4, 4), 0, true);
    LabelledBox atTheEdge = new LabelledBox(new Box(63, 31, 2, 2), 0, false);
    LabelledBox beforeTheEdge = new LabelledBox(new Box(60, 28, 4, 4), 0, false);

    assertThat(centres(List.of())).isZero();
    assertThat(centres(List.of(box, sameCell))).isEqualTo(1);
    assertThat(centres(List.of(box, otherClass))).isEqualTo(2);
    assertThat(centres(List.of(box, crowd))).isEqualTo(1);
    assertThat(centres(List.of(atTheEdge, beforeTheEdge))).isEqualTo(1);
    assertThat(centresOf(List.of(List.of(box), List.of(box)))).isEqualTo(2);
  }

  /** The losses are divided by what the maps have as centres. */
  @Test
  void countsTheCentresOfTheHeatMaps() {
    Random random = new Random(4);
    List<List<LabelledBox>> pictures = new ArrayList<>();
    for (int picture = 0; picture < 3; picture++) {
      List<LabelledBox> boxes = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        double width = 1 + random.nextInt(30);
        double height = 1 + random.nextInt(20);
        boxes.add(
            new LabelledBox(
                new Box(
                    random.nextDouble() * (64 - width),
                    random.nextDouble() * (32 - height),
                    width,
                    height),
                random.nextInt(2),
                i % 7 == 0));
      }
      pictures.add(boxes);
    }
    try (DetectorNetwork network = DetectorNetwork.create(engine, CONFIG, 1);
        NDManager manager = engine.newManager()) {
      Kernels kernels = network.kernels();
      NDArray rows = BoxRows.of(manager, CONFIG, pictures, /* crowds= */ false);
      NDArray heat =
          kernels.run(manager, "targets", inCells(rows), 3, 2, 8, 16, false).singletonOrThrow();
      int ones = 0;
      for (float value : heat.toFloatArray()) {
        ones += value == 1 ? 1 : 0;
      }
      assertThat(centresOf(pictures)).isEqualTo(ones).isBetween(80, 155);
    }
  }

  private int centres(List<LabelledBox> boxes) {
    return centresOf(List.of(boxes));
  }

  /** Divisors of the losses: the first is the number of centres. */
  private int centresOf(List<List<LabelledBox>> pictures) {
    try (DetectorNetwork network = DetectorNetwork.create(engine, CONFIG, 1);
        NDManager manager = engine.newManager()) {
      NDArray objects = BoxRows.of(manager, CONFIG, pictures, /* crowds= */ false);
      NDArray crowds = BoxRows.of(manager, CONFIG, pictures, /* crowds= */ true);
      double[] counts =
          network
              .kernels()
              .run(
                  manager,
                  "counts",
                  network.network(),
                  (long) pictures.size(),
                  objects,
                  crowds,
                  new long[] {32, 64},
                  new long[] {0})
              .singletonOrThrow()
              .toDoubleArray();
      assertThat(counts[1]).isEqualTo(BoxRows.count(pictures, /* crowds= */ false));
      return (int) counts[0];
    }
  }

  /** Picture, class and the box in cells of a map of stride 4. */
  private static NDArray inCells(NDArray rows) {
    return rows.get(":, :2").concat(rows.get(":, 2:6").div(4), 1);
  }
}
