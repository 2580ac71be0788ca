package io.millrace.vision.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.vision.box.Box;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.box.SizeRange;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.detector.DetectorNetwork;
import io.millrace.vision.detector.SmallDetectors;
import io.millrace.vision.view.Placement;
import java.util.ArrayList;
import java.util.Collections;
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
      NDArray rows = rows(manager, CONFIG, pictures, /* ignored= */ false);
      NDArray heat =
          kernels.run(manager, "targets", inCells(rows), 3, 2, 8, 16, false).singletonOrThrow();
      int ones = 0;
      for (float value : heat.toFloatArray()) {
        ones += value == 1 ? 1 : 0;
      }
      assertThat(centresOf(pictures)).isEqualTo(ones).isBetween(80, 155);
    }
  }

  /** Every branch has all boxes; those of sizes that are not its own are ignored. */
  @Test
  void boxesOutOfABranchsRangeAreIgnoredThere() {
    DetectorConfig trident =
        SmallDetectors.trident(
            CONFIG,
            1,
            List.of(
                new SizeRange(0, 5),
                new SizeRange(4, 9),
                new SizeRange(8, Double.POSITIVE_INFINITY)));
    // In their own pixels, which are half as large as the input's, of sizes 4, 5, 6 and 10.
    LabelledBox small = new LabelledBox(new Box(10, 10, 16, 4), 0, false);
    LabelledBox bound = new LabelledBox(new Box(20, 10, 10, 10), 1, false);
    LabelledBox middle = new LabelledBox(new Box(30, 10, 12, 12), 0, false);
    LabelledBox large = new LabelledBox(new Box(40, 10, 20, 20), 0, false);
    LabelledBox crowd = new LabelledBox(new Box(1, 1, 12, 12), 1, true);
    List<List<LabelledBox>> pictures =
        List.of(List.of(small, crowd, middle), List.of(large, bound));
    List<Placement> placements =
        List.of(new Placement(2, 0, 0, 32, 16), new Placement(2, 0, 0, 32, 16));
    try (NDManager manager = engine.newManager()) {
      NDArray objects = BoxRows.of(manager, trident, pictures, placements, /* ignored= */ false);
      NDArray ignored = BoxRows.of(manager, trident, pictures, placements, /* ignored= */ true);
      assertThat(picturesAndSizes(objects))
          .containsExactly(
              List.of(0f, 4f),
              List.of(1f, 5f), // branch 0
              List.of(2f, 4f),
              List.of(2f, 6f),
              List.of(3f, 5f), // branch 1
              List.of(5f, 10f)); // branch 2
      assertThat(picturesAndSizes(ignored))
          .containsExactly(
              List.of(0f, 6f),
              List.of(0f, 6f),
              List.of(1f, 10f),
              List.of(2f, 6f),
              List.of(3f, 10f),
              List.of(4f, 4f),
              List.of(4f, 6f),
              List.of(4f, 6f),
              List.of(5f, 5f));
    }
    assertThat(BoxRows.objects(pictures)).isEqualTo(4);
  }

  private static List<List<Float>> picturesAndSizes(NDArray rows) {
    float[] flat = rows.toFloatArray();
    List<List<Float>> found = new ArrayList<>();
    for (int at = 0; at < flat.length; at += 7) {
      found.add(List.of(flat[at], flat[at + 6]));
    }
    return found;
  }

  private static NDArray rows(
      NDManager manager, DetectorConfig config, List<List<LabelledBox>> pictures, boolean ignored) {
    List<Placement> placements = Collections.nCopies(pictures.size(), Placement.identity(64, 32));
    return BoxRows.of(manager, config, pictures, placements, ignored);
  }

  private int centres(List<LabelledBox> boxes) {
    return centresOf(List.of(boxes));
  }

  /** Divisors of the losses: the first is the number of centres. */
  private int centresOf(List<List<LabelledBox>> pictures) {
    try (DetectorNetwork network = DetectorNetwork.create(engine, CONFIG, 1);
        NDManager manager = engine.newManager()) {
      NDArray objects = rows(manager, CONFIG, pictures, /* ignored= */ false);
      NDArray crowds = rows(manager, CONFIG, pictures, /* ignored= */ true);
      try (KernelValue task =
          network
              .kernels()
              .keep(
                  "prepared",
                  network.network(),
                  objects,
                  crowds,
                  new long[] {32, 64},
                  new long[] {0},
                  new long[pictures.size()])) {
        double[] counts =
            network
                .kernels()
                .run(manager, "counts", network.network(), task)
                .singletonOrThrow()
                .toDoubleArray();
        assertThat(counts[1]).isEqualTo(BoxRows.objects(pictures));
        return (int) counts[0];
      }
    }
  }

  /** Picture, class and the box in cells of a map of stride 4. */
  private static NDArray inCells(NDArray rows) {
    return rows.get(":, :2").concat(rows.get(":, 2:6").div(4), 1);
  }
}
