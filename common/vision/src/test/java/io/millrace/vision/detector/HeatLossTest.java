package io.millrace.vision.detector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.check.GradientCheck;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.tensor.loss.Loss;
import io.millrace.tensor.loss.LossPlan;
import io.millrace.vision.network.Products;
import io.millrace.vision.train.DetectorTrainingSettings;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Heat maps that are learned by F1, Dice and Tversky of their centres. */
class HeatLossTest {

  private static final int SIDE = 32;
  private static final DetectorConfig CONFIG =
      SmallDetectors.centerNet(
          List.of("a", "b"), SIDE, SIDE, List.of(4, 8, 12), List.of(1, 1), 8, 8, 4);

  private static final int PICTURES = 2;
  private static final int CLASSES = 3;
  private static final int HEIGHT = 4;
  private static final int WIDTH = 5;

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final NDManager manager = engine.newManager();
  private final Random random = new Random(4);

  @AfterEach
  void close() {
    manager.close();
  }

  private static Loss loss(String written) {
    return LossPlan.read(written).at(0, 1).loss();
  }

  private Kernels kernels(String written) {
    return DetectorNetwork.kernels(engine, CONFIG, Products.F32, loss(written));
  }

  private NDArray maps(double[] values) {
    return manager.create(values, new Shape(PICTURES, CLASSES, HEIGHT, WIDTH));
  }

  private double[] logits() {
    double[] values = new double[PICTURES * CLASSES * HEIGHT * WIDTH];
    Arrays.setAll(values, i -> 2 * random.nextGaussian());
    return values;
  }

  /** Three centres, of classes 1 and 2; class 0 has none. */
  private double[] target(Kernels kernels) {
    double[] rows = {0, 1, 2.5, 1.5, 9, 9, 1, 2, 4.2, 3.9, 30, 20, 1, 1, 0.5, 0.5, 2, 2};
    return kernels
        .run(
            manager,
            "targets",
            manager.create(rows, new Shape(3, 6)),
            PICTURES,
            CLASSES,
            HEIGHT,
            WIDTH,
            false)
        .singletonOrThrow()
        .toDoubleArray();
  }

  /** What the kernels make of maps that are a whole step. */
  private double found(
      Kernels kernels, double[] logits, double[] target, double[] counted, double... setting) {
    double[] sums =
        kernels
            .run(manager, "heat_sums", maps(logits), maps(target), maps(counted), setting[0])
            .singletonOrThrow()
            .toDoubleArray();
    double[] numbers =
        Stream.of(setting, new double[] {PICTURES}, sums)
            .flatMapToDouble(DoubleStream::of)
            .toArray();
    return kernels
        .run(manager, "heat_part", maps(logits), maps(target), maps(counted), 3.0, numbers)
        .singletonOrThrow()
        .getDouble();
  }

  /** As its definition reads, cell by cell. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "soft_f1 | 0.5 | 0.5 | 1",
        "soft_f1(average=micro) | 0.5 | 0.5 | 1",
        "soft_f1(average=binary, positive=2) | 0.5 | 0.5 | 1",
        "dice | 0.5 | 0.5 | 2",
        "dice(average=micro) | 0.5 | 0.5 | 2",
        "tversky(alpha=0.3, beta=0.7) | 0.3 | 0.7 | 1",
        "tversky(alpha=1, beta=0.2, average=micro) | 1 | 0.2 | 1",
      })
  void isOneMinusTheOverlapOfCentres(String written, double alpha, double beta, int power) {
    Kernels kernels = kernels(written);
    double[] logits = logits();
    double[] target = target(kernels);
    double[] counted = new double[target.length];
    Arrays.setAll(counted, i -> i % 7 == 0 ? 0 : 1);
    double temperature = 1.7;
    double[] both = new double[CLASSES];
    double[] found = new double[CLASSES];
    double[] centres = new double[CLASSES];
    for (int i = 0; i < target.length; i++) {
      int k = i / (HEIGHT * WIDTH) % CLASSES;
      double p = 1 / (1 + Math.exp(-temperature * logits[i]));
      boolean centre = target[i] == 1;
      both[k] += centre ? p : 0;
      found[k] += Math.pow(p, power) * (centre ? 1 : counted[i] * Math.pow(1 - target[i], 4));
      centres[k] += centre ? 1 : 0;
    }
    double expected;
    if (written.contains("binary")) {
      expected = ratio(both[2], found[2], centres[2], alpha, beta);
    } else if (written.contains("micro")) {
      expected =
          ratio(
              Arrays.stream(both).sum(),
              Arrays.stream(found).sum(),
              Arrays.stream(centres).sum(),
              alpha,
              beta);
    } else {
      expected =
          (ratio(both[1], found[1], centres[1], alpha, beta)
                  + ratio(both[2], found[2], centres[2], alpha, beta))
              / 2;
    }

    assertThat(centres).containsExactly(0, 2, 1);
    assertThat(found(kernels, logits, target, counted, temperature, 2, alpha, beta))
        .isCloseTo(1 - expected, within(1e-12));
  }

  private static double ratio(double both, double found, double all, double alpha, double beta) {
    return both / (both + alpha * (found - both) + beta * (all - both));
  }

  /** Cells of a score above a half are found, all others are not. */
  @Test
  void anInfiniteTemperatureGivesTheF1OfCellsThatAreFound() {
    Kernels kernels = kernels("soft_f1(average=micro)");
    double[] ones = new double[PICTURES * CLASSES * HEIGHT * WIDTH];
    Arrays.fill(ones, 1);
    for (int i = 0; i < 20; i++) {
      double[] logits = logits();
      double[] target = new double[logits.length];
      Arrays.setAll(target, at -> random.nextInt(4) == 0 ? 1 : 0);
      double right = 0;
      double found = 0;
      for (int at = 0; at < logits.length; at++) {
        right += logits[at] > 0 ? target[at] : 0;
        found += logits[at] > 0 ? 1 : 0;
      }
      double f1 = 2 * right / (found + Arrays.stream(target).sum());

      assertThat(found(kernels, logits, target, ones, 1e9, 0, 0.5, 0.5))
          .isCloseTo(1 - f1, within(1e-9));
    }
  }

  /** The whole network and all losses in float64 against central differences. */
  @ParameterizedTest
  @ValueSource(strings = {"soft_f1", "soft_f1(average=micro)", "dice", "tversky"})
  void gradientsAreThoseOfFiniteDifferences(String written) {
    try (DetectorGradients gradients =
        new DetectorGradients(engine, kernels(written), CONFIG, PICTURES, 0.1)
            .measuring(1.3, 1, 0.3, 0.7)) {
      NDArray objects =
          gradients.rows(
              new double[] {0, 1, 9.2, 16.4, 20, 24},
              new double[] {0, 0, 26, 6, 8, 12},
              new double[] {1, 1, 12, 12, 32, 28});
      gradients.check(
          new GradientCheck(1e-5, 5, 1),
          1e-5,
          objects,
          gradients.rows(new double[] {1, 0, 16, 16, 12, 12}));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cross_entropy | a heat map is learned by focal, soft_f1, dice or tversky; cross_entropy is a loss of rows",
        "focal then straight_through_f1 | straight_through_f1 is a loss of rows",
        "soft_accuracy | soft_accuracy is a loss of rows that are each of one class",
        "reinforce_f1 | reinforce_f1 is a loss of rows",
        "focal then soft_f1(average=binary, positive=2) | positive is 2; classes are from 0 to 1",
      })
  void refusesWhatAHeatMapCannotBeLearnedBy(String plan, String reason) {
    assertThatThrownBy(() -> DetectorTrainingSettings.requireLearnedBy(LossPlan.read(plan), CONFIG))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fcos-nano",
        "retinanet-nano",
        "ssd-nano",
        "s3fd-nano",
        "yolo-v1-nano",
        "faster-rcnn-nano",
        "mtcnn"
      })
  void headsWithoutHeatMapsHaveLossesOfTheirOwn(String preset) {
    DetectorConfig config = DetectorPresets.of(preset);
    DetectorTrainingSettings.requireLearnedBy(LossPlan.read("focal"), config);

    assertThatThrownBy(
            () -> DetectorTrainingSettings.requireLearnedBy(LossPlan.read("dice"), config))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("only heads with heat maps (centernet)");
  }
}
