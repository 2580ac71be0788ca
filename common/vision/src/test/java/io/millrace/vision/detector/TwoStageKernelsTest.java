package io.millrace.vision.detector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.activation.Activation;
import io.millrace.tensor.check.GradientCheck;
import io.millrace.tensor.check.ScalarDraws;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.vision.box.Box;
import io.millrace.vision.network.LayerStyle;
import io.millrace.vision.network.Norm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TwoStageKernelsTest {

  private static final int SIDE = 32;

  /** Samples 64 anchors, 32 on objects at most, and 32 regions, 16 on objects at most. */
  private static final DetectorConfig CONFIG =
      SmallDetectors.twoStage(List.of("a", "b"), SIDE, SIDE, 8, /* agnostic= */ false);

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final NDManager manager = engine.newManager();
  private final Random random = new Random(4);

  @AfterEach
  void close() {
    manager.close();
  }

  private Kernels kernels(DetectorConfig config) {
    List<KernelSource> sources = new ArrayList<>(DetectorNetwork.sources(config));
    sources.add(KernelSource.of(TwoStageKernelsTest.class, "two_stage_check.py"));
    return Kernels.shared(engine, sources);
  }

  /** Picture, class, centre x and y, width, height, root of the area. */
  private NDArray rows(double[]... rows) {
    double[] flat =
        Arrays.stream(rows)
            .flatMapToDouble(r ->
                Arrays.stream(
                    new double[] {r[0], r[1], r[2], r[3], r[4], r[5], Math.sqrt(r[4] * r[5])}))
            .toArray();
    return manager.create(flat, new Shape(rows.length, 7));
  }

  private static double[] row(double... values) {
    return values;
  }

  private NDList weights(DetectorNetwork network) {
    NDList weights = new NDList();
    for (NDArray weight : network.weights().tensors()) {
      double[] values = weight.toType(DataType.FLOAT64, true).toDoubleArray();
      Arrays.setAll(values, i -> values[i] + 0.1 * random.nextGaussian());
      weights.add(manager.create(values, weight.getShape()));
    }
    return weights;
  }

  /** The whole network and all losses in float64; proposals are what they are at first. */
  @ParameterizedTest
  @CsvSource({"true, false", "true, true", "false, false"})
  void gradientsAreThoseOfFiniteDifferences(boolean withObjects, boolean agnostic) {
    DetectorConfig config =
        smooth(SmallDetectors.twoStage(List.of("a", "b"), SIDE, SIDE, 8, agnostic));
    Kernels kernels = kernels(config);
    try (DetectorGradients gradients =
        new DetectorGradients(engine, kernels, config, /* pictures= */ 2, 0.1)) {
      NDArray objects =
          withObjects
              ? gradients.rows(
                  row(0, 1, 9, 16, 10, 12), row(0, 0, 24, 8, 8, 8), row(1, 1, 12, 12, 16, 14))
              : gradients.rows();
      NDArray ignored = gradients.rows(row(1, 0, 24, 24, 12, 12));
      assertThat(gradients.counts(objects, ignored)).containsExactly(128, 64);
      NDArray given = gradients.run("first_proposals").singletonOrThrow();
      gradients.check(
          new GradientCheck(1e-5, 3, 1),
          1e-5,
          objects,
          ignored,
          (scratch, network, rgb, task, counts) ->
              kernels.run(scratch, "frozen_loss", network, rgb, task, counts, given));
    }
  }

  /** Without kinks, which no difference sees through. */
  private static DetectorConfig smooth(DetectorConfig config) {
    return new DetectorConfig(
        config.architecture(),
        config.classes(),
        config.inputWidth(),
        config.inputHeight(),
        new LayerStyle(Activation.SILU, Norm.GROUP, 4, /* bias= */ false),
        config.backbone(),
        config.neck(),
        config.head());
  }

  private static Box box(double[] corners) {
    return new Box(corners[0], corners[1], corners[2] - corners[0], corners[3] - corners[1]);
  }

  private static Box ofRow(double[] row) {
    return new Box(row[2] - row[4] / 2, row[3] - row[5] / 2, row[4], row[5]);
  }

  private double[][] randomBoxes(int count) {
    double[][] boxes = new double[count][];
    for (int i = 0; i < count; i++) {
      double x = random.nextDouble() * 56;
      double y = random.nextDouble() * 56;
      boxes[i] = row(x, y, x + 4 + 24 * random.nextDouble(), y + 4 + 24 * random.nextDouble());
    }
    return boxes;
  }

  private NDArray table(double[][] rows, long... shape) {
    double[] flat = Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    return manager.create(flat, new Shape(shape));
  }

  /** Faster R-CNN, section 3.1.2, box by box: which object; -1: background, -2: neither. */
  private static int[] labels(
      double[][] boxes,
      List<Box> objects,
      List<Box> ignored,
      double high,
      double low,
      boolean best) {
    int[] labels = new int[boxes.length];
    for (int a = 0; a < boxes.length; a++) {
      Box box = box(boxes[a]);
      int nearest = 0;
      for (int k = 1; k < objects.size(); k++) {
        nearest = box.iou(objects.get(k)) > box.iou(objects.get(nearest)) ? k : nearest;
      }
      double most = objects.isEmpty() ? 0 : box.iou(objects.get(nearest));
      labels[a] = most >= high ? nearest : most < low ? -1 : -2;
    }
    for (int k = 0; k < objects.size() && best; k++) {
      Box object = objects.get(k);
      int nearest =
          IntStream.range(0, boxes.length)
              .boxed()
              .max(Comparator.comparingDouble(a -> box(boxes[a]).iou(object)))
              .orElseThrow();
      labels[nearest] = k;
    }
    for (int a = 0; a < boxes.length; a++) {
      Box box = box(boxes[a]);
      for (Box other : ignored) {
        double within = other.intersection(box) / box.area();
        labels[a] = labels[a] == -1 && (box.iou(other) >= low || within >= 0.5) ? -2 : labels[a];
      }
    }
    return labels;
  }

  private static List<Integer> where(int[] labels, boolean object) {
    return IntStream.range(0, labels.length)
        .filter(a -> object ? labels[a] >= 0 : labels[a] == -1)
        .boxed()
        .toList();
  }

  private static double[] deltas(Box object, Box anchor, double centre, double size) {
    return row(
        (object.x() + object.width() / 2 - anchor.x() - anchor.width() / 2)
            / anchor.width()
            / centre,
        (object.y() + object.height() / 2 - anchor.y() - anchor.height() / 2)
            / anchor.height()
            / centre,
        Math.log(object.width() / anchor.width()) / size,
        Math.log(object.height() / anchor.height()) / size);
  }

  private static double smooth(double distance, double beta) {
    double d = Math.abs(distance);
    return d < beta ? d * d / 2 / beta : d - beta / 2;
  }

  @Test
  void anchorLossesAreThoseOfTheScalarReference() {
    int count = 400;
    double[][] boxes = randomBoxes(count);
    double[][] objectRows = {
      row(0, 1, 20, 20, 12, 14), row(0, 0, 40, 30, 20, 10), row(1, 0, 30, 30, 16, 16)
    };
    double[][] ignoredRows = {row(1, 0, 50, 50, 20, 20), row(0, 0, 10, 50, 12, 12)};
    double[] logits = random.doubles(2 * count, -3, 3).toArray();
    double[][] found = new double[2 * count][];
    Arrays.setAll(found, i -> random.doubles(4, -1, 1).toArray());
    long[] seeds = {17, 4_000_000_000L};

    double objectness = 0;
    double shift = 0;
    for (int picture = 0; picture < 2; picture++) {
      int own = picture;
      List<Box> objects = boxesOf(objectRows, own);
      int[] labels = labels(boxes, objects, boxesOf(ignoredRows, own), 0.7, 0.3, true);
      assertThat(labels).contains(-2);
      List<Integer> positive = ScalarDraws.drawn(where(labels, true), seeds[own], 1, 32);
      List<Integer> negative =
          ScalarDraws.drawn(where(labels, false), seeds[own], 2, 64 - positive.size());
      assertThat(positive).isNotEmpty();
      assertThat(where(labels, false)).hasSizeGreaterThan(negative.size());
      for (int a : positive) {
        objectness += Math.log1p(Math.exp(-logits[own * count + a]));
        double[] wanted = deltas(objects.get(labels[a]), box(boxes[a]), 1, 1);
        for (int i = 0; i < 4; i++) {
          shift += smooth(wanted[i] - found[own * count + a][i], 1 / 9.0);
        }
      }
      for (int a : negative) {
        objectness += Math.log1p(Math.exp(logits[own * count + a]));
      }
    }
    Kernels kernels = kernels(CONFIG);
    try (DetectorNetwork network = DetectorNetwork.create(engine, CONFIG, 1);
        KernelValue value = kernels.make(DetectorLayout.of(CONFIG).network(), weights(network))) {
      double[] losses =
          kernels
              .run(
                  manager,
                  "losses_of_anchors",
                  value,
                  manager.create(logits, new Shape(2, count)),
                  table(found, 2, count, 4),
                  table(boxes, count, 4),
                  rows(objectRows),
                  rows(ignoredRows),
                  manager.create(seeds),
                  128.0)
              .singletonOrThrow()
              .toDoubleArray();
      assertThat(losses[0]).isCloseTo(objectness / 128, within(1e-10));
      assertThat(losses[1]).isCloseTo(shift / 128, within(1e-10));
    }
  }

  private static List<Box> boxesOf(double[][] rows, int picture) {
    return Arrays.stream(rows).filter(r -> r[0] == picture).map(r -> ofRow(r)).toList();
  }

  /** Best of each map, moved, clipped, suppressed within their map, best of all. */
  @Test
  void proposalsAreThoseOfTheScalarReference() {
    int[] sizes = {120, 60};
    int count = 180;
    double[][] boxes = randomBoxes(count);
    double[] logits = random.doubles(count, -3, 3).toArray();
    double[][] deltas = new double[count][];
    Arrays.setAll(deltas, i -> random.doubles(4, -0.3, 0.3).toArray());
    List<double[]> expected = new ArrayList<>();
    for (int map = 0; map < 2; map++) {
      int first = map == 0 ? 0 : sizes[0];
      List<Integer> best =
          IntStream.range(first, first + sizes[map])
              .boxed()
              .sorted(Comparator.comparingDouble(a -> -logits[a]))
              .limit(50)
              .toList();
      List<double[]> kept = new ArrayList<>();
      for (int a : best) {
        Box anchor = box(boxes[a]);
        double w = anchor.width() * Math.exp(deltas[a][2]);
        double h = anchor.height() * Math.exp(deltas[a][3]);
        double x = anchor.x() + anchor.width() / 2 + deltas[a][0] * anchor.width();
        double y = anchor.y() + anchor.height() / 2 + deltas[a][1] * anchor.height();
        Box moved = new Box(x - w / 2, y - h / 2, w, h).clip(64, 64);
        if (kept.stream().allMatch(k -> asBox(k).iou(moved) <= 0.7)) {
          double score = 1 / (1 + Math.exp(-logits[a]));
          kept.add(row(moved.x(), moved.y(), moved.width(), moved.height(), score, map));
        }
      }
      expected.addAll(kept);
    }
    assertThat(expected.size()).isBetween(31, 99);
    expected.sort(Comparator.comparingDouble(r -> -r[4]));
    Kernels kernels = kernels(CONFIG);
    try (DetectorNetwork network = DetectorNetwork.create(engine, CONFIG, 1);
        KernelValue value = kernels.make(DetectorLayout.of(CONFIG).network(), weights(network))) {
      double[] found =
          kernels
              .run(
                  manager,
                  "proposals_of",
                  value,
                  manager.create(logits, new Shape(1, count)),
                  table(deltas, 1, count, 4),
                  table(boxes, count, 4),
                  new long[] {sizes[0], sizes[1]},
                  50,
                  30)
              .singletonOrThrow()
              .toDoubleArray();
      assertThat(found).hasSize(30 * 6);
      for (int t = 0; t < 30; t++) {
        assertThat(Arrays.copyOfRange(found, 6 * t, 6 * t + 6))
            .containsExactly(expected.get(t), within(1e-9));
      }
    }
  }

  private static Box asBox(double[] row) {
    return new Box(row[0], row[1], row[2], row[3]);
  }

  @Test
  void regionsAreSampledAsByTheScalarReference() {
    int count = 120;
    double[][] proposals = new double[2 * count][];
    List<double[]> plain = new ArrayList<>();
    for (int i = 0; i < proposals.length; i++) {
      double x = 10 + 8 * random.nextDouble();
      double y = 10 + 8 * random.nextDouble();
      double w = 10 + 6 * random.nextDouble();
      // Every tenth row is none.
      proposals[i] = row(x, y, w, w + 2, i % 10 == 9 ? 0 : 0.5, i % 2);
      plain.add(row(x, y, x + w, y + w + 2));
    }
    double[][] objectRows = {row(0, 1, 20, 20, 12, 14), row(0, 0, 50, 50, 40, 40)};
    double[][] ignoredRows = {row(1, 0, 16, 16, 10, 10)};
    long[] seeds = {5, 6};
    List<double[]> boxes = new ArrayList<>();
    List<Long> classes = new ArrayList<>();
    List<Long> pictures = new ArrayList<>();
    for (int picture = 0; picture < 2; picture++) {
      int own = picture;
      List<double[]> some = new ArrayList<>();
      IntStream.range(own * count, (own + 1) * count)
          .filter(i -> i % 10 != 9)
          .forEach(i -> some.add(plain.get(i)));
      List<Box> objects = boxesOf(objectRows, own);
      // Objects are proposals, clipped to the picture of 64 pixels.
      objects.forEach(
          o -> some.add(row(o.x(), o.y(), Math.min(64, o.right()), Math.min(64, o.bottom()))));
      double[][] all = some.toArray(new double[0][]);
      int[] labels = labels(all, objects, boxesOf(ignoredRows, own), 0.5, 0.5, false);
      List<Integer> positive = ScalarDraws.drawn(where(labels, true), seeds[own], 3, 16);
      List<Integer> negative =
          ScalarDraws.drawn(where(labels, false), seeds[own], 4, 32 - positive.size());
      assertThat(positive).hasSize(own == 0 ? 16 : 0);
      assertThat(labels).satisfies(l -> assertThat(own == 0).isNotEqualTo(has(l, -2)));
      for (int a : positive) {
        classes.add((long) objectRows[labels[a]][1]);
      }
      negative.forEach(a -> classes.add(2L));
      IntStream.concat(positive.stream().mapToInt(a -> a), negative.stream().mapToInt(a -> a))
          .forEach(a -> {
            boxes.add(all[a]);
            pictures.add((long) own);
          });
    }
    Kernels kernels = kernels(CONFIG);
    try (DetectorNetwork network = DetectorNetwork.create(engine, CONFIG, 1);
        KernelValue value = kernels.make(DetectorLayout.of(CONFIG).network(), weights(network))) {
      NDList found =
          kernels.run(
              manager,
              "sample_of",
              value,
              table(proposals, 2, count, 6),
              rows(objectRows),
              rows(ignoredRows),
              manager.create(seeds));
      assertThat(found.get(0).toDoubleArray())
          .containsExactly(boxes.stream().flatMapToDouble(Arrays::stream).toArray(), within(1e-9));
      assertThat(found.get(1).toLongArray())
          .containsExactly(pictures.stream().mapToLong(p -> p).toArray());
      assertThat(found.get(3).toLongArray())
          .containsExactly(classes.stream().mapToLong(c -> c).toArray());
      double[] first = Arrays.copyOf(found.get(4).toDoubleArray(), 4);
      assertThat(first)
          .containsExactly(
              classes.getFirst() == 1 ? row(14, 13, 26, 27) : row(30, 30, 70, 70), within(1e-9));
    }
  }

  private static boolean has(int[] labels, int wanted) {
    return Arrays.stream(labels).anyMatch(label -> label == wanted);
  }

  /** Nominal sizes: what is there to be sampled does not matter. */
  @Test
  void countsTheSamplesThatAreWanted() {
    try (DetectorNetwork network = DetectorNetwork.create(engine, CONFIG, 1)) {
      NDArray none = manager.create(new float[0], new Shape(0, 7));
      try (KernelValue task =
          network
              .kernels()
              .keep(
                  "prepared",
                  network.network(),
                  none,
                  none,
                  new long[] {SIDE, SIDE},
                  new long[] {0, 1},
                  new long[3])) {
        double[] counts =
            network
                .kernels()
                .run(manager, "counts", network.network(), task)
                .singletonOrThrow()
                .toDoubleArray();
        assertThat(counts).containsExactly(6 * 64, 6 * 32);
      }
    }
  }
}
