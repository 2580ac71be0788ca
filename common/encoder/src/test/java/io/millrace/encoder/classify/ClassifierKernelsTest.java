package io.millrace.encoder.classify;

import static org.assertj.core.api.Assertions.assertThat;
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
import io.millrace.tensor.loss.Loss;
import io.millrace.tensor.loss.LossPlan;
import io.millrace.tensor.loss.RowLabels;
import io.millrace.tensor.loss.RowLoss;
import io.millrace.tensor.parameter.ParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ClassifierKernelsTest {

  private static final int COLUMNS = 4;
  private static final int ROWS = 7;
  private static final int CLASSES = 3;
  private static final long[] NO_STARTS = {};

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final NDManager manager = engine.newManager();
  private final Random random = new Random(4);

  @AfterEach
  void close() {
    manager.close();
  }

  private NDArray normal(long... shape) {
    double[] values = new double[(int) new Shape(shape).size()];
    Arrays.setAll(values, i -> random.nextGaussian());
    return manager.create(values, new Shape(shape));
  }

  private static ClassifierConfig config(ClassifierHead head) {
    List<String> columns = IntStream.range(0, COLUMNS).mapToObj(i -> "c" + i).toList();
    return ClassifierConfig.of(List.of("a", "b", "c"), new RowInput(columns), head);
  }

  static Stream<ClassifierHead> heads() {
    List<ClassifierHead> heads = new ArrayList<>();
    heads.add(new ClassifierHead.Linear(true));
    heads.add(new ClassifierHead.Linear(false));
    for (Activation activation : Activation.values()) {
      if (activation != Activation.STEP) {
        heads.add(
            new ClassifierHead.Mlp(
                List.of(new ClassifierHead.Layer(5, true), new ClassifierHead.Layer(6, false)),
                activation,
                0.3,
                activation != Activation.RELU));
      }
    }
    return heads.stream();
  }

  /** A network in float64 with random weights, and its layout. */
  private record Random64(
      ClassifierLayout layout, Kernels kernels, NDList tensors, NDList learned) {

    KernelValue with(NDList others) {
      return with(kernels, others);
    }

    KernelValue with(Kernels by, NDList others) {
      return by.makeLearned(layout.network(), all(others));
    }

    NDList all(NDList others) {
      NDList all = new NDList(tensors);
      int next = 0;
      for (int i = 0; i < all.size(); i++) {
        if (layout.specs().get(i).group().learned()) {
          all.set(i, others.get(next++));
        }
      }
      return all;
    }
  }

  private Random64 network(ClassifierHead head) {
    ClassifierConfig config = config(head);
    ClassifierLayout layout = ClassifierLayout.of(config);
    NDList tensors = new NDList();
    NDList learned = new NDList();
    for (ParameterSpec spec : layout.specs()) {
      NDArray value = normal(spec.shape().getShape());
      if (spec.name().equals("input.count")) {
        value = manager.create(new double[] {10});
      } else if (spec.name().equals("input.squares")) {
        value = value.abs().add(1);
      }
      tensors.add(value);
      if (spec.group().learned()) {
        learned.add(value);
      }
    }
    return new Random64(layout, ClassifierNetwork.kernels(engine, config), tensors, learned);
  }

  static Stream<Arguments> losses() {
    return Stream.of("cross_entropy", "soft_f1", "straight_through_f1", "reinforce_f1")
        .flatMap(name ->
            heads()
                .limit(name.equals("cross_entropy") ? Long.MAX_VALUE : 3)
                .map(head -> Arguments.of(name, head)));
  }

  @ParameterizedTest
  @MethodSource("losses")
  void oneCallLearnsWhatLogitsLossAndGradientsLearnOneByOne(String name, ClassifierHead head) {
    Random64 network = network(head);
    Loss loss = LossPlan.read(name).at(0, 10).loss();
    List<KernelSource> further = new ArrayList<>(loss.kernels());
    further.add(KernelSource.of(LinkedLoss.class, "learning.py"));
    Kernels linked = ClassifierNetwork.linked(engine, config(head), further);
    NDArray rows = normal(ROWS, COLUMNS);
    NDArray seeds = manager.create(new long[] {5, 6, 7, 8, 9, 10, 11});
    RowLabels labels = RowLabels.of(0, 1, 2, -1, 1, 1, 0);
    NDArray classes = manager.create(labels.classes());
    NDList apart = new NDList();
    NDList together = new NDList();
    network.learned().forEach(one -> apart.add(one.zerosLike()));
    network.learned().forEach(one -> together.add(one.onesLike().mul(Double.NaN)));
    NDArray sums;
    try (KernelValue value = network.with(network.learned());
        KernelValue same = network.with(linked, network.learned());
        KernelValue scaling = linked.keep("scaling", same);
        KernelValue gradients = linked.make(network.layout().network(), network.all(together));
        KernelValue setting = linked.make(loss.setting(2, labels.total()), new NDList())) {
      NDArray logits =
          network
              .kernels()
              .runRecording(manager, "learning_logits", value, rows, NO_STARTS, true, seeds)
              .singletonOrThrow();
      NDList slope =
          new RowLoss(engine, loss).slope(manager, logits, labels, 2, labels.total(), 77);
      sums =
          network
              .kernels()
              .runRecording(
                  manager, "carry_back", apart, value, logits, slope.get(0), slope.get(1), classes)
              .singletonOrThrow();
      NDArray found =
          linked
              .runRecording(
                  manager,
                  "learn",
                  gradients,
                  same,
                  scaling,
                  /* first= */ true,
                  rows,
                  seeds,
                  classes,
                  manager.create(labels.weights()),
                  setting,
                  manager.create(77L))
              .singletonOrThrow();
      assertThat(found.toDoubleArray()).containsExactly(sums.toDoubleArray(), within(1e-12));
    }
    for (int i = 0; i < apart.size(); i++) {
      assertThat(together.get(i).toDoubleArray())
          .containsExactly(apart.get(i).toDoubleArray(), within(1e-12));
    }
    assertThat(apart.stream().anyMatch(one -> one.abs().sum().toDoubleArray()[0] > 0)).isTrue();
  }

  @ParameterizedTest
  @MethodSource("heads")
  void gradientsAreThoseOfFiniteDifferences(ClassifierHead head) {
    Random64 network = network(head);
    NDArray rows = normal(ROWS, COLUMNS);
    NDArray byLogits = normal(ROWS, CLASSES);
    NDArray classes = manager.create(new long[ROWS]);
    NDArray seeds = manager.create(new long[] {5, 6, 7, 8, 9, 10, 1L << 31});
    NDList gradients = new NDList();
    network.learned().forEach(one -> gradients.add(one.zerosLike()));
    try (KernelValue value = network.with(network.learned())) {
      NDArray logits =
          network
              .kernels()
              .runRecording(
                  manager, "learning_logits", value, rows, NO_STARTS, /* ready= */ true, seeds)
              .singletonOrThrow();
      network
          .kernels()
          .runRecording(
              manager,
              "carry_back",
              gradients,
              value,
              logits,
              manager.zeros(new Shape(1)),
              byLogits,
              classes);
    }
    GradientCheck.standard()
        .compare(
            moved -> {
              try (NDManager scratch = engine.newManager();
                  KernelValue value = network.with(moved)) {
                double[] logits =
                    network
                        .kernels()
                        .run(scratch, "learning_logits", value, rows, NO_STARTS, true, seeds)
                        .singletonOrThrow()
                        .toDoubleArray();
                double[] factors = byLogits.toDoubleArray();
                return IntStream.range(0, logits.length)
                    .mapToDouble(i -> logits[i] * factors[i])
                    .sum();
              }
            },
            network.learned(),
            gradients)
        .requireBelow(1e-6);
  }

  @Test
  void dropsTheSameNumbersOfAnExampleWhateverElseIsInTheBatch() {
    Random64 network =
        network(
            new ClassifierHead.Mlp(
                List.of(new ClassifierHead.Layer(64, false)), Activation.TANH, 0.5, false));
    NDArray rows = normal(ROWS, COLUMNS);
    long[] seeds = {1, 2, 3, 4, 5, 6, 7};
    try (KernelValue value = network.with(network.learned())) {
      double[] all = logits(network, value, rows, manager.create(seeds));
      double[] third =
          logits(network, value, rows.get("2:3"), manager.create(new long[] {seeds[2]}));
      assertThat(third).containsExactly(Arrays.copyOfRange(all, 6, 9), within(1e-12));
      double[] otherwise =
          logits(network, value, rows.get("2:3"), manager.create(new long[] {seeds[3]}));
      assertThat(Math.abs(otherwise[0] - third[0])).isGreaterThan(1e-6);
    }
  }

  /** Dropout leaves the mean as it is: over many seeds the logits are those without. */
  @Test
  void dropsAShareAndScalesTheRest() {
    Random64 network =
        network(
            new ClassifierHead.Mlp(
                List.of(new ClassifierHead.Layer(8, false)), Activation.TANH, 0.25, false));
    int many = 20_000;
    NDArray row = normal(1, COLUMNS);
    try (KernelValue value = network.with(network.learned())) {
      double[] without = logits(network, value, row, manager.create(new long[0], new Shape(0)));
      NDArray seeds = manager.create(new Random(1).longs(many, 0, 1L << 32).toArray());
      double[] logits = logits(network, value, row.repeat(0, many), seeds);
      for (int c = 0; c < CLASSES; c++) {
        int place = c;
        double mean =
            IntStream.range(0, many)
                .mapToDouble(i -> logits[i * CLASSES + place])
                .average()
                .orElse(0);
        assertThat(mean).isEqualTo(without[c], within(0.03));
      }
    }
  }

  private static double[] logits(Random64 network, KernelValue value, NDArray rows, NDArray seeds) {
    try (NDManager scratch = rows.getManager().newSubManager()) {
      return network
          .kernels()
          .run(scratch, "learning_logits", value, rows, NO_STARTS, true, seeds)
          .singletonOrThrow()
          .toDoubleArray();
    }
  }

  @Test
  void mergesStatisticsAsIfAllRowsHadComeAtOnce() {
    Random64 network = network(new ClassifierHead.Linear(true));
    NDList statistics = new NDList();
    for (String name : Standardisation.NAMES) {
      long size = name.equals("input.count") ? 1 : COLUMNS;
      statistics.add(manager.zeros(new Shape(size), DataType.FLOAT64));
    }
    NDList all = new NDList(network.tensors());
    for (int i = 0; i < 3; i++) {
      all.set(i, statistics.get(i));
    }
    NDArray rows = normal(ROWS, COLUMNS).mul(3).add(1000);
    KernelTuple layout = network.layout().network();
    try (KernelValue value = network.kernels().makeLearned(layout, all)) {
      for (String some : List.of("0:1", "1:4", "4:7")) {
        network.kernels().run(manager, "observe", value, rows.get(some), 7);
      }
      double[] expectedMean = rows.mean(new int[] {0}).toDoubleArray();
      double[] expectedSquares =
          rows.sub(rows.mean(new int[] {0})).square().sum(new int[] {0}).toDoubleArray();
      assertThat(statistics.get(0).toDoubleArray()).containsExactly(ROWS);
      assertThat(statistics.get(1).toDoubleArray()).containsExactly(expectedMean, within(1e-9));
      assertThat(statistics.get(2).toDoubleArray()).containsExactly(expectedSquares, within(1e-9));
      // These are seven rows; no more are taken.
      network.kernels().run(manager, "observe", value, normal(ROWS, COLUMNS), 7);
      assertThat(statistics.get(1).toDoubleArray()).containsExactly(expectedMean, within(1e-9));
    }
  }
}
