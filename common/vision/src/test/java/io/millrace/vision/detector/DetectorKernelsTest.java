package io.millrace.vision.detector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.check.GradientCheck;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DetectorKernelsTest {

  private static final int SIDE = 32;
  private static final DetectorConfig CONFIG =
      SmallDetectors.centerNet(
          List.of("a", "b"), SIDE, SIDE, List.of(4, 8, 12), List.of(1, 1), 8, 8, 4);

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final Kernels kernels = DetectorNetwork.kernels(engine, CONFIG);
  private final NDManager manager = engine.newManager();
  private final Random random = new Random(4);

  @AfterEach
  void close() {
    manager.close();
  }

  private NDArray normal(double scale, long... shape) {
    double[] values = new double[(int) new Shape(shape).size()];
    Arrays.setAll(values, i -> scale * random.nextGaussian());
    return manager.create(values, new Shape(shape));
  }

  /** Picture, class, centre x and y, width and height in cells. */
  private NDArray rows(double[]... rows) {
    double[] flat = Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    return manager.create(flat, new Shape(rows.length, 6));
  }

  private static double[] row(double... values) {
    return values;
  }

  /** The published radius, root by root (CornerNet's code), or the one its text describes. */
  private static int radius(double width, double height, boolean corrected) {
    double w = Math.ceil(width);
    double h = Math.ceil(height);
    double overlap = 0.7;
    double[][] quadratics = {
      {1, -(w + h), w * h * (1 - overlap) / (1 + overlap)},
      {4, -2 * (w + h), (1 - overlap) * w * h},
      {4 * overlap, 2 * overlap * (w + h), (overlap - 1) * w * h}
    };
    double smallest = Double.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      double[] q = quadratics[i];
      double root = Math.sqrt(q[1] * q[1] - 4 * q[0] * q[2]);
      double found;
      if (corrected) {
        // Of two boxes that shrink or move the smaller root counts, of the growing one the
        // positive.
        found = (-q[1] + (i == 2 ? root : -root)) / (2 * q[0]);
      } else {
        found = (-q[1] + root) / 2;
      }
      smallest = Math.min(smallest, found);
    }
    return Math.max(0, (int) smallest);
  }

  @ParameterizedTest
  @CsvSource({"20, 20, 5, 1", "3, 3, 0, 0", "40, 10, 4, 1", "1, 30, 0, 0"})
  void referenceRadiiAreThoseOfThePublishedCode(
      double width, double height, int published, int corrected) {
    assertThat(radius(width, height, false)).isEqualTo(published);
    assertThat(radius(width, height, true)).isEqualTo(corrected);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void targetsAreTheLargestGaussians(boolean corrected) {
    int pictures = 2;
    int classes = 3;
    int height = 24;
    int width = 30;
    double[][] objects = new double[300][]; // more than the kernel takes at a time
    for (int k = 0; k < objects.length; k++) {
      objects[k] =
          row(
              random.nextInt(pictures),
              random.nextInt(classes - 1),
              random.nextDouble() * width,
              random.nextDouble() * height,
              0.3 + 20 * random.nextDouble(),
              0.3 + 20 * random.nextDouble());
    }
    double[] expected = new double[pictures * classes * height * width];
    for (double[] o : objects) {
      int r = radius(o[4], o[5], corrected);
      double sigma = (2 * r + 1) / 6.0;
      int cx = (int) o[2];
      int cy = (int) o[3];
      for (int y = Math.max(0, cy - r); y <= Math.min(height - 1, cy + r); y++) {
        for (int x = Math.max(0, cx - r); x <= Math.min(width - 1, cx + r); x++) {
          int at = (((int) o[0] * classes + (int) o[1]) * height + y) * width + x;
          double squared = (x - cx) * (x - cx) + (y - cy) * (y - cy);
          expected[at] = Math.max(expected[at], Math.exp(-squared / (2 * sigma * sigma)));
        }
      }
    }
    NDArray found =
        kernels
            .run(manager, "targets", rows(objects), pictures, classes, height, width, corrected)
            .singletonOrThrow();
    assertThat(found.getShape()).isEqualTo(new Shape(pictures, classes, height, width));
    assertThat(found.toDoubleArray()).containsExactly(expected, within(1e-12));
    assertThat(expected).contains(1.0, 0.0);
  }

  @Test
  void crowdsAreNoBackgroundOfTheirClass() {
    NDArray counted =
        kernels.run(manager, "counted", rows(row(1, 1, 3, 2, 4, 2)), 2, 2, 5, 6).singletonOrThrow();
    double[] values = counted.toDoubleArray();
    for (int i = 0; i < values.length; i++) {
      int x = i % 6;
      int y = i / 6 % 5;
      boolean inside = i >= 90 && x >= 1 && x < 5 && y >= 1 && y < 3;
      assertThat(values[i]).as("place %d", i).isEqualTo(inside ? 0 : 1);
    }
    assertThat(values).hasSize(120);
  }

  @Test
  void withoutObjectsTargetsAreEmpty() {
    NDArray none = manager.create(new double[0], new Shape(0, 6));
    NDArray heat = kernels.run(manager, "targets", none, 1, 2, 3, 4, false).singletonOrThrow();
    assertThat(heat.toDoubleArray()).hasSize(24).containsOnly(0);
    NDList losses = kernels.run(manager, "box_losses", normal(1, 1, 4, 3, 4), none, 0.0);
    assertThat(losses.get(0).getDouble()).isZero();
    assertThat(losses.get(1).getDouble()).isZero();
  }

  @Test
  void heatLossIsThePublishedFormula() {
    NDArray logits = normal(2, 2, 3, 4, 5);
    NDArray target =
        kernels
            .run(
                manager,
                "targets",
                rows(row(0, 1, 2.5, 1.5, 9, 9), row(1, 2, 4.2, 3.9, 30, 20)),
                2,
                3,
                4,
                5,
                false)
            .singletonOrThrow();
    NDArray counted =
        kernels.run(manager, "counted", rows(row(0, 0, 2, 2, 2, 2)), 2, 3, 4, 5).singletonOrThrow();
    double[] z = logits.toDoubleArray();
    double[] y = target.toDoubleArray();
    double[] c = counted.toDoubleArray();
    double sum = 0;
    int centres = 0;
    for (int i = 0; i < z.length; i++) {
      double p = 1 / (1 + Math.exp(-z[i]));
      if (y[i] == 1) {
        sum -= Math.pow(1 - p, 2) * Math.log(p);
        centres++;
      } else {
        sum -= c[i] * Math.pow(1 - y[i], 4) * p * p * Math.log(1 - p);
      }
    }
    assertThat(centres).isEqualTo(2);
    for (String loss : List.of("heat_loss", "heat_loss_of_many")) {
      assertThat(
              kernels
                  .run(manager, loss, logits, target, counted, 2.0)
                  .singletonOrThrow()
                  .getDouble())
          .as(loss)
          .isCloseTo(sum / centres, within(1e-12));
    }
  }

  /** What is written by hand for many classes is what autograd finds. */
  @Test
  void slopesOfManyHeatMapsAreThoseOfAutograd() {
    KernelSource slopes =
        new KernelSource(
            "slopes.py",
            """
            def heat_slopes(logits: Tensor, target: Tensor, counted: Tensor) -> List[Tensor]:
                found: List[Tensor] = []
                x = logits.detach().requires_grad_(True)
                for loss in [heat_loss(x, target, counted, 2.0), heat_loss_of_many(x, target, counted, 2.0)]:
                    for slope in torch.grad([loss], [x]):
                        assert slope is not None
                        found.append(slope)
                return found
            """);
    List<KernelSource> sources = new ArrayList<>(DetectorNetwork.sources(CONFIG));
    sources.add(slopes);
    // Logits of a channels last map, more of them than are taken at a time.
    NDArray logits = normal(3, 2, 70, 40, 20).transpose(0, 3, 1, 2);
    NDArray objects = rows(row(0, 3, 9.5, 20.5, 7, 9), row(1, 19, 30, 60, 12, 10));
    NDArray target =
        kernels.run(manager, "targets", objects, 2, 20, 70, 40, false).singletonOrThrow();
    NDArray counted =
        kernels.run(manager, "counted", rows(row(0, 4, 20, 20, 9, 9)), 2, 20, 70, 40).get(0);
    NDList found =
        Kernels.shared(engine, sources)
            .runRecording(manager, "heat_slopes", logits, target, counted);
    assertThat(found.get(1).toDoubleArray())
        .containsExactly(found.get(0).toDoubleArray(), within(1e-12));
  }

  @Test
  void boxLossesAreMeansOverValues() {
    NDArray box = manager.zeros(new Shape(2, 4, 3, 5), DataType.FLOAT64);
    NDList losses =
        kernels.run(
            manager,
            "box_losses",
            box,
            rows(row(0, 0, 1.25, 2.5, 3, 5), row(1, 0, 4, 0, 2, 2)),
            2.0);
    assertThat(losses.get(0).getDouble()).isCloseTo(0.75 / 4, within(1e-5));
    assertThat(losses.get(1).getDouble()).isCloseTo(12 / 4.0, within(1e-3));
  }

  @Test
  void decodesTheBoxesThatMadeTheMaps() {
    int width = 16;
    int height = 12;
    // Left, top, width, height in pixels, score, class; by falling score.
    double[][] truth = {
      {8.5, 3.25, 20, 12.5, 0.9, 1}, {30, 20.125, 9, 22, 0.7, 0}, {2, 30, 4, 4, 0.4, 1}
    };
    double[] logits = new double[2 * height * width];
    Arrays.fill(logits, -20);
    double[] box = new double[4 * height * width];
    for (double[] t : truth) {
      double cx = (t[0] + t[2] / 2) / 4;
      double cy = (t[1] + t[3] / 2) / 4;
      int cell = (int) cy * width + (int) cx;
      logits[(int) t[5] * height * width + cell] = Math.log(t[4] / (1 - t[4]));
      // A lower neighbour is not a peak.
      logits[(int) t[5] * height * width + cell + 1] = Math.log(t[4] / (1 - t[4])) - 0.1;
      double[] values = {cx - (int) cx, cy - (int) cy, t[2] / 4, t[3] / 4};
      for (int i = 0; i < 4; i++) {
        box[i * height * width + cell] = values[i];
      }
    }
    NDArray found =
        kernels
            .run(
                manager,
                "decode",
                manager.create(logits, new Shape(1, 2, height, width)),
                manager.create(box, new Shape(1, 4, height, width)),
                3,
                4)
            .singletonOrThrow();
    double[] values = found.toDoubleArray();
    for (int k = 0; k < truth.length; k++) {
      assertThat(Arrays.copyOfRange(values, 6 * k, 6 * k + 6))
          .containsExactly(truth[k], within(1e-9));
    }
  }

  /** The whole network and all losses in float64 against central differences. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void gradientsAreThoseOfFiniteDifferences(boolean withObjects) {
    try (DetectorGradients gradients =
        new DetectorGradients(engine, kernels, CONFIG, /* pictures= */ 2, 0.1)) {
      NDArray objects =
          withObjects
              ? gradients.rows(
                  row(0, 1, 9.2, 16.4, 20, 24), row(0, 0, 26, 6, 8, 12), row(1, 1, 12, 12, 32, 28))
              : gradients.rows();
      gradients.check(
          GradientCheck.standard(), 1e-5, objects, gradients.rows(row(1, 0, 16, 16, 12, 12)));
    }
  }
}
