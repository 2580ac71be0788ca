package io.millrace.vision.detector.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.check.GradientCheck;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.vision.network.Level;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class RoiAlignTest {

  /** Rows of regions are picture, map, left, top, right, bottom. */
  private static final KernelSource CHECK =
      new KernelSource(
          "roi_align_check.py",
          """
          def _regions(rows_R6: Tensor) -> Regions:
              picture_R = torch.select(rows_R6, 1, 0).to(torch.int64)
              return Regions(torch.narrow(rows_R6, 1, 2, 4), picture_R, torch.select(rows_R6, 1, 1).to(torch.int64))


          def features(maps: List[Tensor], rows_R6: Tensor, rule: RoiAlign) -> Tensor:
              return torch.contiguous(roi_align(maps, _regions(rows_R6), rule))


          def features_of_few(map_CHW: Tensor, rows_R6: Tensor, rule: RoiAlign) -> Tensor:
              return torch.contiguous(roi_align_of_few(map_CHW, torch.narrow(rows_R6, 1, 2, 4), rule))


          def weighted(maps: List[Tensor], rows_R6: Tensor, weights: Tensor, rule: RoiAlign) -> Tensor:
              return torch.sum(roi_align(maps, _regions(rows_R6), rule) * weights)


          def maps_gradients(maps: List[Tensor], rows_R6: Tensor, weights: Tensor, rule: RoiAlign) -> List[Tensor]:
              leaves: List[Tensor] = []
              for one in maps:
                  leaves.append(torch.requires_grad_(one.detach()))
              found: List[Tensor] = []
              for gradient in torch.grad([weighted(leaves, rows_R6, weights, rule)], leaves):
                  if gradient is not None:
                      found.append(torch.contiguous(gradient))
              return found
          """);

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final Kernels kernels = Kernels.shared(engine, List.of(RoiAlign.kernel(), CHECK));
  private final NDManager manager = engine.newManager();
  private final Random random = new Random(3);

  @AfterEach
  void close() {
    manager.close();
  }

  private KernelValue rule(RoiAlign align, int... strides) {
    List<Level> maps = Arrays.stream(strides).mapToObj(stride -> new Level(3, stride)).toList();
    return kernels.make(align.tuple(maps), new NDList());
  }

  private NDArray normal(long... shape) {
    double[] values = random.doubles(new Shape(shape).size(), -1, 1).toArray();
    return manager.create(values, new Shape(shape));
  }

  private NDArray rows(double[]... rows) {
    double[] flat = Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    return manager.create(flat, new Shape(rows.length, 6));
  }

  private static double[] numbers(JsonNode array) {
    double[] numbers = new double[array.size()];
    Arrays.setAll(numbers, i -> array.path(i).asDouble());
    return numbers;
  }

  /**
   * Samples of small regions, and products of matrices for large ones, give what all samples do.
   */
  @Test
  void regionsOfFewChannelsGiveTheSame() {
    double[][] regions = new double[40][];
    for (int r = 0; r < regions.length; r++) {
      double left = random.nextDouble() * 90 - 20;
      double top = random.nextDouble() * 70 - 20;
      double side =
          switch (r % 8) {
            case 0 -> -3;
            case 1 -> 600 + 10 * r; // more cells than are read sample by sample
            default -> random.nextDouble() * 80;
          };
      regions[r] = new double[] {0, 0, left, top, left + side, top + side * 0.7};
    }
    NDArray map = normal(1, 3, 13, 17);
    for (RoiAlign align :
        List.of(new RoiAlign(5, 0, true), new RoiAlign(4, 2, true), new RoiAlign(3, 0, false))) {
      try (KernelValue rule = rule(align, 4)) {
        double[] expected =
            kernels
                .run(manager, "features", new NDList(map), rows(regions), rule)
                .singletonOrThrow()
                .toDoubleArray();
        assertThat(
                kernels
                    .run(manager, "features_of_few", map.get(0), rows(regions), rule)
                    .singletonOrThrow()
                    .toDoubleArray())
            .as("%s", align)
            .containsExactly(expected, within(1e-12));
      }
    }
  }

  /** Over the border, outside, tiny, empty and inverted regions of two pictures. */
  @Test
  void equalsTorchvisionForwardAndBackward() throws IOException {
    JsonNode golden;
    try (InputStream in = getClass().getResourceAsStream("roi_align.json")) {
      golden = JsonMapper.shared().readTree(Objects.requireNonNull(in));
    }
    long[] shape = Arrays.stream(numbers(golden.path("shape"))).mapToLong(v -> (long) v).toArray();
    NDArray maps = manager.create(numbers(golden.path("maps")), new Shape(shape));
    double[][] regions = new double[golden.path("regions").size()][];
    for (int r = 0; r < regions.length; r++) {
      double[] row = numbers(golden.path("regions").path(r));
      regions[r] = new double[] {row[0], 0, row[1], row[2], row[3], row[4]};
    }
    assertThat(golden.path("cases").size()).isEqualTo(6);
    for (JsonNode one : golden.path("cases")) {
      int bins = one.path("bins").asInt();
      RoiAlign align =
          new RoiAlign(bins, one.path("samples").asInt(), one.path("aligned").asBoolean());
      try (KernelValue rule = rule(align, golden.path("stride").asInt())) {
        NDArray found =
            kernels
                .run(manager, "features", new NDList(maps), rows(regions), rule)
                .singletonOrThrow();
        assertThat(found.getShape()).isEqualTo(new Shape(regions.length, 3, bins, bins));
        assertThat(found.toDoubleArray())
            .as("%s", align)
            .containsExactly(numbers(one.path("features")), within(1e-10));
        NDArray gradient = manager.create(numbers(one.path("gradient")), found.getShape());
        NDArray back =
            kernels
                .runRecording(
                    manager, "maps_gradients", new NDList(maps), rows(regions), gradient, rule)
                .singletonOrThrow();
        assertThat(back.toDoubleArray())
            .as("backward of %s", align)
            .containsExactly(numbers(one.path("maps_gradient")), within(1e-10));
      }
    }
  }

  @Test
  void gradientsOfSeveralMapsAreThoseOfFiniteDifferences() {
    NDList maps = new NDList(normal(2, 3, 6, 8), normal(2, 3, 3, 4));
    NDArray regions =
        rows(
            new double[] {0, 0, 3, 4, 20, 13},
            new double[] {1, 1, -5, 2, 30, 33},
            new double[] {1, 0, 7, 7, 9, 8},
            new double[] {0, 1, 1, 1, 31, 23});
    NDArray weights = normal(4, 3, 2, 2);
    try (KernelValue rule = rule(new RoiAlign(2, 0, true), 4, 8)) {
      NDList gradients =
          kernels.runRecording(manager, "maps_gradients", maps, regions, weights, rule);
      GradientCheck.standard()
          .compare(
              at ->
                  kernels
                      .run(manager, "weighted", at, regions, weights, rule)
                      .singletonOrThrow()
                      .getDouble(),
              maps,
              gradients)
          .requireBelow(1e-8);
    }
  }

  @Test
  void aRampIsReadWhereTheRegionIs() {
    double[] ramp = new double[8 * 8];
    Arrays.setAll(ramp, i -> i % 8); // a cell holds its column
    NDList maps = new NDList(manager.create(ramp, new Shape(1, 1, 8, 8)));
    try (KernelValue rule = rule(new RoiAlign(2, 2, true), 4)) {
      // Columns 1 to 5 in cells: bins around 2 and 4, whose middles are cells 1.5 and 3.5.
      double[] found =
          kernels
              .run(manager, "features", maps, rows(new double[] {0, 0, 4, 8, 20, 24}), rule)
              .singletonOrThrow()
              .toDoubleArray();
      assertThat(found).containsExactly(new double[] {1.5, 3.5, 1.5, 3.5}, within(1e-12));
    }
  }

  @Test
  void noRegionsHaveNoFeatures() {
    NDList maps = new NDList(normal(1, 3, 4, 4));
    NDArray none = manager.create(new double[0], new Shape(0, 6));
    try (KernelValue rule = rule(new RoiAlign(7, 0, true), 4)) {
      assertThat(kernels.run(manager, "features", maps, none, rule).singletonOrThrow().getShape())
          .isEqualTo(new Shape(0, 3, 7, 7));
    }
  }

  /** A region of 224 pixels belongs to stride 16 (FPN, equation 1). */
  @Test
  void regionsAreReadFromTheMapOfTheirSize() {
    double[] sizes = {224, 223.9, 112, 111.9, 56, 10, 447, 448, 2000, 0};
    double[] boxes = new double[4 * sizes.length];
    for (int i = 0; i < sizes.length; i++) {
      boxes[4 * i + 2] = sizes[i];
      boxes[4 * i + 3] = sizes[i];
    }
    NDArray found =
        kernels
            .run(
                manager,
                "map_by_size",
                manager.create(boxes, new Shape(sizes.length, 4)),
                4,
                2,
                224.0)
            .singletonOrThrow();
    assertThat(found.getDataType()).isEqualTo(DataType.INT64);
    assertThat(found.toLongArray()).containsExactly(2, 1, 1, 0, 0, 0, 2, 3, 3, 0);
    NDArray scaled =
        kernels
            .run(
                manager,
                "map_by_size",
                manager.create(boxes, new Shape(sizes.length, 4)),
                4,
                2,
                56.0)
            .singletonOrThrow();
    assertThat(scaled.toLongArray()).containsExactly(3, 3, 3, 2, 2, 0, 3, 3, 3, 0);
  }

  @Test
  void refusesWhatIsNoGrid() {
    assertThatThrownBy(() -> new RoiAlign(0, 2, true)).hasMessageContaining("0 bins");
    assertThatThrownBy(() -> new RoiAlign(7, -1, true)).hasMessageContaining("-1 samples");
  }
}
