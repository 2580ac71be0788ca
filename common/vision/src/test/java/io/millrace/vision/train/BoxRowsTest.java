package io.millrace.vision.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.millrace.tensor.activation.Activation;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.vision.box.Box;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.detector.DetectorNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BoxRowsTest {

  private static final DetectorConfig CONFIG =
      new DetectorConfig(
          DetectorConfig.ARCHITECTURE,
          List.of("a", "b"),
          64,
          32,
          List.of(8, 8, 8),
          List.of(1, 0),
          8,
          8,
          8);

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
    assertThat(BoxRows.centres(CONFIG, List.of(List.of(box), List.of(box)))).isEqualTo(2);
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
    Kernels kernels =
        Kernels.compile(
            engine,
            KernelSource.of(DetectorNetwork.class, "detector.py"),
            Activation.RELU.kernel());
    try (NDManager manager = engine.newManager()) {
      NDArray rows = BoxRows.of(manager, CONFIG, pictures, /* crowds= */ false);
      NDArray heat = kernels.run(manager, "targets", rows, 3, 2, 8, 16, false).singletonOrThrow();
      int ones = 0;
      for (float value : heat.toFloatArray()) {
        ones += value == 1 ? 1 : 0;
      }
      assertThat(BoxRows.centres(CONFIG, pictures)).isEqualTo(ones).isBetween(80, 155);
    } finally {
      kernels.close();
    }
  }

  private static int centres(List<LabelledBox> boxes) {
    return BoxRows.centres(CONFIG, List.of(boxes));
  }
}
