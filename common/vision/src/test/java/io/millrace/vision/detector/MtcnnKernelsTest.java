package io.millrace.vision.detector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.activation.Activation;
import io.millrace.tensor.check.GradientCheck;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.vision.box.Box;
import io.millrace.vision.detector.head.MtcnnHead;
import io.millrace.vision.network.LayerStyle;
import io.millrace.vision.network.NoNeck;
import io.millrace.vision.network.Norm;
import io.millrace.vision.network.PixelBackbone;
import io.millrace.vision.network.ResidualBackbone;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MtcnnKernelsTest {

  private static final int SIDE = 64;

  /** Learns from 20 crops of a picture: 12 beside objects, 4 upon them and 4 upon parts. */
  private static final DetectorConfig CONFIG = SmallDetectors.mtcnn(SIDE, 20);

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final NDManager manager = engine.newManager();
  private final Random random = new Random(4);
  private final Kernels kernels = kernels();

  @AfterEach
  void close() {
    manager.close();
  }

  private Kernels kernels() {
    List<KernelSource> sources = new ArrayList<>(DetectorNetwork.sources(CONFIG));
    sources.add(KernelSource.of(MtcnnKernelsTest.class, "mtcnn_check.py"));
    return Kernels.shared(engine, sources);
  }

  /** Picture, class, centre x and y, width, height, root of the area. */
  private NDArray rows(double[]... rows) {
    double[] flat =
        Arrays.stream(rows)
            .flatMapToDouble(r ->
                Arrays.stream(
                    new double[] {r[0], 0, r[1], r[2], r[3], r[4], Math.sqrt(r[3] * r[4])}))
            .toArray();
    return manager.create(flat, new Shape(rows.length, 7));
  }

  private static double[] row(double... values) {
    return values;
  }

  private NDList weights(double noise) {
    try (DetectorNetwork network = DetectorNetwork.create(engine, CONFIG, 3)) {
      NDList weights = new NDList();
      for (NDArray weight : network.weights().tensors()) {
        double[] values = weight.toType(DataType.FLOAT64, true).toDoubleArray();
        Arrays.setAll(values, i -> values[i] + noise * random.nextGaussian());
        weights.add(manager.create(values, weight.getShape()));
      }
      return weights;
    }
  }

  private KernelValue network() {
    return kernels.make(DetectorLayout.of(CONFIG).network(), weights(0));
  }

  /** All three networks in float64, their crops and the hardest of them too. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void gradientsAreThoseOfFiniteDifferences(boolean withObjects) {
    try (DetectorGradients gradients =
        new DetectorGradients(
            engine, kernels, SmallDetectors.mtcnn(SIDE, 5), /* pictures= */ 2, 0.02)) {
      NDArray objects =
          withObjects
              ? gradients.rows(
                  new double[] {0, 0, 20, 20, 20, 24}, new double[] {0, 0, 50, 40, 16, 16})
              : gradients.rows();
      // A tiny step, because PReLU and pooling have kinks.
      gradients.check(
          new GradientCheck(1e-7, 3, 1),
          1e-5,
          objects,
          gradients.rows(new double[] {1, 0, 48, 48, 24, 24}));
    }
  }

  /** What is handed on is a constant, as it is found with the weights before the step. */
  @Test
  void gradientsOfAChainAreThoseOfFiniteDifferences() {
    try (DetectorGradients gradients =
        new DetectorGradients(
            engine, kernels, SmallDetectors.mtcnn(SIDE, 5, true), /* pictures= */ 1, 0.02)) {
      NDArray objects =
          gradients.rows(new double[] {0, 0, 20, 20, 20, 24}, new double[] {0, 0, 50, 40, 16, 16});
      NDArray ignored = gradients.rows();
      NDList handed = gradients.run("handed_on_by");
      assertThat(handed.get(0).getShape().get(1)).isPositive();
      assertThat(handed.get(1).getShape().get(1)).isPositive();
      gradients.check(
          new GradientCheck(1e-7, 1, 1),
          1e-5,
          objects,
          ignored,
          (scratch, network, rgb, task, counts) ->
              kernels.run(
                  scratch, "chain_loss", network, rgb, task, counts, handed.get(0), handed.get(1)));
    }
  }

  /** Of each kind those that were handed on, and random ones where there are too few. */
  @Test
  void learnsFirstFromWhatIsHandedOn() {
    double[][] objects = {row(0, 32, 32, 24, 24)};
    Box object = ofRow(objects[0]);
    List<Box> handed = new ArrayList<>();
    handed.add(new Box(20, 21, 24, 24)); // an object
    handed.add(new Box(26, 20, 24, 24)); // a part of one
    for (int i = 0; i < 5; i++) {
      handed.add(new Box(2 + i, 40 + i, 14, 14)); // background
    }
    handed.add(new Box(31, 20, 24, 24)); // neither: it overlaps by 0.37
    assertThat(handed.stream().map(box -> kind(box.iou(object))))
        .containsExactly(2, 1, 0, 0, 0, 0, 0, -1);
    List<Box> learned = crops(objects, handed);
    assertThat(learned).containsAll(handed.subList(0, 7)).doesNotContain(handed.get(7));
    // 12 beside objects, 4 upon them and 4 upon parts: the others are random.
    assertThat(learned.stream().map(box -> kind(box.iou(object))).sorted())
        .containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2);
    for (int i = 0; i < 20; i++) {
      handed.add(new Box(40 + 0.2 * i, 0.1 * i, 12, 12));
    }
    assertThat(crops(objects, handed).stream().filter(box -> kind(box.iou(object)) == 0))
        .as("more than are wanted: none is random")
        .hasSize(12)
        .allMatch(handed::contains);
  }

  private static int kind(double overlap) {
    return overlap < 0.3 ? 0 : overlap >= 0.65 ? 2 : overlap >= 0.4 ? 1 : -1;
  }

  private List<Box> crops(double[][] objects, List<Box> handed) {
    double[] flat =
        handed.stream()
            .flatMapToDouble(
                box -> Arrays.stream(new double[] {box.x(), box.y(), box.right(), box.bottom()}))
            .toArray();
    try (KernelValue network = network()) {
      double[] found =
          kernels
              .run(
                  manager,
                  "crops_with",
                  network,
                  rows(objects),
                  manager.create(new double[0], new Shape(0, 7)),
                  manager.create(new long[] {9}),
                  SIDE,
                  manager.create(flat, new Shape(handed.size(), 4)))
              .singletonOrThrow()
              .toDoubleArray();
      return IntStream.range(0, found.length / 4).mapToObj(at -> corners(found, at)).toList();
    }
  }

  /** What R-Net learns from is what it would look at. */
  @Test
  void handsOnSquaresThatPassedTheScore() {
    KernelTuple layout = DetectorLayout.of(SmallDetectors.mtcnn(SIDE, 5, true)).network();
    byte[] bytes = new byte[2 * 3 * SIDE * SIDE];
    random.nextBytes(bytes);
    NDArray rgb =
        manager.create(ByteBuffer.wrap(bytes), new Shape(2, SIDE, SIDE, 3), DataType.UINT8);
    try (KernelValue network = kernels.make(layout, weights(0.02))) {
      NDList handed = kernels.run(manager, "handed_on_by", network, rgb);
      assertThat(handed.get(0).getShape().get(0)).isEqualTo(2);
      assertThat(handed.get(0).getShape().get(1)).isBetween(1L, 200L);
      assertThat(handed.get(1).getShape().get(1)).isBetween(1L, 100L);
      for (NDArray rows : handed) {
        for (double score : rows.get(":, :, 4").toDoubleArray()) {
          assertThat(score == 0 || score >= 0.3).as("score %s", score).isTrue();
        }
      }
    }
  }

  /** Without O-Net's landmarks: 2570 of its published 389,040. */
  @Test
  void networksHaveThePublishedNumbersOfParameters() {
    try (DetectorNetwork network = DetectorNetwork.create(engine, CONFIG, 1)) {
      assertThat(network.weights().count()).isEqualTo(6_632 + 100_178 + 389_040 - 2_570);
    }
  }

  private static Box ofRow(double[] row) {
    return new Box(row[1] - row[3] / 2, row[2] - row[4] / 2, row[3], row[4]);
  }

  private static Box corners(double[] flat, int at) {
    return new Box(
        flat[4 * at],
        flat[4 * at + 1],
        flat[4 * at + 2] - flat[4 * at],
        flat[4 * at + 3] - flat[4 * at + 1]);
  }

  private static double most(Box square, List<Box> boxes) {
    return boxes.stream().mapToDouble(square::iou).max().orElse(0);
  }

  /**
   * Section III: below 0.3 negative, from 0.65 positive, from 0.4 part; none near ignored boxes.
   */
  @Test
  void cropsAreWhatTheirOverlapsSay() {
    double[][] objects = {row(0, 20, 24, 22, 20), row(0, 48, 44, 14, 16)};
    double[][] ignored = {row(0, 12, 54, 16, 16), row(1, 32, 32, 64, 40)};
    List<Box> truth = Arrays.stream(objects).map(r -> ofRow(r)).toList();
    try (KernelValue network = network()) {
      NDList found =
          kernels.run(
              manager,
              "crops_of",
              network,
              rows(objects),
              rows(ignored),
              manager.create(new long[] {9, 10, 11}),
              SIDE);
      double[] boxes = found.get(0).toDoubleArray();
      double[] wanted = found.get(2).toDoubleArray();
      long[] pictures = found.get(1).toLongArray();
      long[] scored = found.get(4).toLongArray();
      long[] classes = found.get(5).toLongArray();
      long[] boxed = found.get(3).toLongArray();
      // The second picture is covered by what is ignored but for its edges, the third has nothing.
      assertThat(Arrays.stream(pictures).filter(p -> p == 0).count()).isEqualTo(20);
      assertThat(Arrays.stream(pictures).filter(p -> p == 2).count()).isEqualTo(12);
      assertThat(found.get(6).toLongArray()[0]).isEqualTo(16);
      assertThat(Arrays.stream(found.get(6).toLongArray()).sum()).isEqualTo(scored.length);
      for (int i = 0; i < scored.length; i++) {
        int at = (int) scored[i];
        Box square = corners(boxes, at);
        assertThat(square.width()).isCloseTo(square.height(), within(1e-9));
        if (classes[i] == 1) {
          assertThat(pictures[at]).isZero();
          assertThat(most(square, truth)).isGreaterThanOrEqualTo(0.65);
        } else {
          assertThat(pictures[at] == 0 ? most(square, truth) : 0).isLessThan(0.3);
          for (double[] other : ignored) {
            Box box = ofRow(other);
            if (other[0] == pictures[at]) {
              assertThat(square.iou(box)).isLessThan(0.3);
              assertThat(square.intersection(box) / square.area()).isLessThan(0.5);
            }
          }
        }
      }
      assertThat(boxed).hasSize(8);
      for (long at : boxed) {
        Box square = corners(boxes, (int) at);
        Box object = corners(wanted, (int) at);
        assertThat(square.iou(object))
            .isCloseTo(most(square, truth), within(1e-9))
            .isGreaterThanOrEqualTo(0.4);
      }
    }
  }

  @Test
  void seedsGiveOtherCrops() {
    NDArray objects = rows(row(0, 20, 24, 22, 20));
    NDArray none = manager.create(new double[0], new Shape(0, 7));
    List<double[]> boxes = new ArrayList<>();
    try (KernelValue network = network()) {
      for (long seed : new long[] {1, 2, 1}) {
        NDArray seeds = manager.create(new long[] {seed});
        boxes.add(
            kernels
                .run(manager, "crops_of", network, objects, none, seeds, SIDE)
                .get(0)
                .toDoubleArray());
      }
    }
    assertThat(boxes.get(0)).isEqualTo(boxes.get(2)).isNotEqualTo(boxes.get(1));
  }

  @Test
  void theLargestLossesOfEachPictureCount() {
    NDArray losses = manager.create(new double[] {1, 5, 3, 2, 10, 4, 7});
    double found =
        kernels
            .run(manager, "hardest_of", losses, new long[] {4, 0, 3}, 0.5)
            .singletonOrThrow()
            .getDouble();
    // Two of four; two of three, because a half is rounded up.
    assertThat(found).isEqualTo(5 + 3 + 10 + 7);
  }

  /** The smallest object, of 16 pixels, fills a crop of 12 at first: 64 x 12 / 16 = 48. */
  @Test
  void thePyramidEndsBeforePicturesAreTooSmall() {
    try (KernelValue network = network()) {
      assertThat(
              kernels.run(manager, "pyramid_of", network, 64, 96).singletonOrThrow().toLongArray())
          .containsExactly(48, 72, 34, 51, 24, 36, 17, 26, 12, 18);
    }
  }

  /** P-Net reads a picture as it would read crops of 12 pixels at every other place. */
  @Test
  void proposesAsForCrops() {
    double[] values = random.doubles(3 * 20 * 22, -1, 1).toArray();
    NDArray picture = manager.create(values, new Shape(1, 3, 20, 22));
    try (KernelValue network = network()) {
      NDList whole = kernels.run(manager, "read_by", network, 0, picture);
      assertThat(whole.get(0).getShape()).isEqualTo(new Shape(1, 2, 5, 6));
      for (int[] cell : new int[][] {{0, 0}, {2, 3}, {4, 5}}) {
        NDArray crop =
            picture.get(
                ":, :, %d:%d, %d:%d"
                    .formatted(2 * cell[0], 2 * cell[0] + 12, 2 * cell[1], 2 * cell[1] + 12));
        NDList one = kernels.run(manager, "read_by", network, 0, crop);
        for (int i = 0; i < 2; i++) {
          assertThat(one.get(i).toDoubleArray())
              .containsExactly(
                  whole.get(i).get(":, :, %d, %d".formatted(cell[0], cell[1])).toDoubleArray(),
                  within(1e-9));
        }
      }
      for (int place = 1; place < 3; place++) {
        int side = 24 * place;
        NDArray crop = manager.zeros(new Shape(2, 3, side, side), DataType.FLOAT64);
        NDList one = kernels.run(manager, "read_by", network, place, crop);
        assertThat(one.get(0).getShape()).isEqualTo(new Shape(2, 2, 1, 1));
        assertThat(one.get(1).getShape()).isEqualTo(new Shape(2, 4, 1, 1));
      }
    }
  }

  /** Pooling may go first only where no slope turns the order of values. */
  @ParameterizedTest
  @ValueSource(doubles = {0.25, 0, -0.5})
  void poolsWhatPreluGives(double slope) {
    double[] slopes = new double[10];
    Arrays.fill(slopes, 0.25);
    slopes[3] = slope;
    double[] values = random.doubles(2 * 3 * 12 * 12, -1, 1).toArray();
    try (KernelValue network = network()) {
      NDList found =
          kernels.runRecording(
              manager,
              "activated_by",
              network,
              0,
              manager.create(values, new Shape(2, 3, 12, 12)),
              manager.create(slopes));
      assertThat(found.get(0).getShape()).isEqualTo(new Shape(2, 10, 5, 5));
      for (int i = 0; i < 2; i++) {
        assertThat(found.get(i).toDoubleArray())
            .containsExactly(found.get(i + 2).toDoubleArray(), within(1e-14));
      }
    }
  }

  @Test
  void boxesMoveAndBecomeSquares() {
    NDArray boxes = manager.create(new double[] {10, 20, 30, 30}, new Shape(1, 4));
    NDArray shifts = manager.create(new double[] {-0.1, 0.1, 0.2, 0}, new Shape(1, 4));
    assertThat(kernels.run(manager, "shifted", boxes, shifts).singletonOrThrow().toDoubleArray())
        .containsExactly(new double[] {8, 21, 34, 30}, within(1e-12));
    assertThat(kernels.run(manager, "squared", boxes).singletonOrThrow().toDoubleArray())
        .containsExactly(new double[] {10, 15, 30, 35}, within(1e-12));
  }

  @Test
  void refusesWhatItCannotBe() {
    assertThatThrownBy(() -> CONFIG.withInput(List.of("a", "b"), 64, 64))
        .hasMessageContaining("finds one class, there are 2");
    assertThatThrownBy(() -> CONFIG.withInput(List.of("a"), 15, 64))
        .hasMessageContaining("no room for the smallest object");
    assertThatThrownBy(() -> new MtcnnHead(8, 0.7, 0.6, 0.7, 0.7, 100, 100, 20, 0.7, 0.5, true))
        .hasMessageContaining("at least 12 pixels");
    assertThatThrownBy(() -> new MtcnnHead(20, 0.7, 0.6, 0.7, 0.7, 100, 100, 21, 0.7, 0.5, true))
        .hasMessageContaining("21 crops");
    assertThatThrownBy(() ->
            new DetectorConfig(
                DetectorConfig.ARCHITECTURE,
                List.of("a"),
                64,
                64,
                CONFIG.layers(),
                new ResidualBackbone(List.of(8, 8, 8), List.of(1, 1)),
                new NoNeck(List.of(4, 8)),
                MtcnnHead.published()))
        .hasMessageContaining("works on pixels");
    assertThatThrownBy(() ->
            new DetectorConfig(
                DetectorConfig.ARCHITECTURE,
                List.of("a"),
                64,
                64,
                new LayerStyle(Activation.RELU, Norm.NONE, 1, true),
                new PixelBackbone(),
                new NoNeck(List.of(1)),
                MtcnnHead.published()))
        .hasMessageContaining("activation prelu");
  }
}
