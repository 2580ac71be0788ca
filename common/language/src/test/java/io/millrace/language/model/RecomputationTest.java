package io.millrace.language.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.millrace.language.config.LanguageConfig;
import io.millrace.tensor.activation.Activation;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.parameter.FlatTensors;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Layers that are computed again give the gradients, losses and loads of layers that are not. */
class RecomputationTest {

  private static final long[] STARTS = {0, 17, 18, 40, 64};
  private static final double[] LOSS_WEIGHTS = {0.3, 0.1};

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final NDManager manager = engine.newManager();

  @AfterEach
  void close() {
    manager.close();
  }

  /** What a step gives: losses, loads, gradients. */
  private record Step(float[] losses, float[] loads, float[][] gradients) {}

  @ParameterizedTest
  @CsvSource({
    "1, 2, false, F32",
    "2, 2, false, F32",
    "3, 2, false, F32",
    "9, 1, true, F32",
    "1, 0, true, F32",
    "1, 2, false, BF16",
    "2, 1, true, BF16",
    "1, 2, false, FP8_EMULATED",
    "2, 1, true, FP8_EMULATED"
  })
  void changesNotABitOfTheHandWrittenStep(int every, int depth, boolean tied, Products products) {
    try (Decoder decoder = Decoder.create(engine, config(depth, tied, Activation.SILU), 3)) {
      assertThat(decoder.layout().isCoveredByFusedStep()).isTrue();
      Step expected = step(decoder, 0, products);
      Step found = step(decoder, every, products);
      assertThat(found.losses()).containsExactly(expected.losses());
      assertThat(found.loads()).containsExactly(expected.loads());
      assertThat(found.gradients()).isDeepEqualTo(expected.gradients());
      if (products == Products.F32) {
        requireClose(found, autograd(decoder));
      } else {
        requireRounded(found, autograd(decoder), products);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 2, false", "2, 2, false", "3, 2, true", "9, 1, true", "1, 0, false"})
  void equalsAutogradWhereNothingIsWrittenByHand(int every, int depth, boolean tied) {
    try (Decoder decoder = Decoder.create(engine, config(depth, tied, Activation.GELU), 3)) {
      assertThat(decoder.layout().isCoveredByFusedStep()).isFalse();
      Step found = step(decoder, every, Products.F32);
      Step plain = step(decoder, 0, Products.F32);
      assertThat(plain.losses()).containsExactly(found.losses());
      assertThat(plain.gradients()).isDeepEqualTo(found.gradients());
      // Head and embedding are added up in another order.
      requireClose(found, autograd(decoder));
      assertThat(step(decoder, every + 1, Products.F32).gradients())
          .isDeepEqualTo(found.gradients());
    }
  }

  private static void requireClose(Step found, Step expected) {
    assertThat(distance(found.losses(), expected.losses())).isLessThan(1e-5f);
    assertThat(found.loads()).containsExactly(expected.loads());
    for (int i = 0; i < expected.gradients().length; i++) {
      assertThat(distance(found.gradients()[i], expected.gradients()[i]))
          .as("gradient %d", i)
          .isLessThan(1e-6f);
    }
  }

  private static float distance(float[] a, float[] b) {
    assertThat(a).hasSameSizeAs(b);
    float largest = 0;
    for (int i = 0; i < a.length; i++) {
      largest = Math.max(largest, Math.abs(a[i] - b[i]));
    }
    return largest;
  }

  /**
   * How far rounding leads gradients from those of autograd, relative to their norm. A token that
   * goes to another expert changes one layer's much; E4M3 has four bits less than bfloat16.
   */
  private static void requireRounded(Step found, Step expected, Products products) {
    double[] errors = new double[found.gradients().length];
    for (int i = 0; i < errors.length; i++) {
      double error = 0;
      double size = 0;
      for (int k = 0; k < found.gradients()[i].length; k++) {
        error += Math.pow(found.gradients()[i][k] - expected.gradients()[i][k], 2);
        size += Math.pow(expected.gradients()[i][k], 2);
      }
      errors[i] = Math.sqrt(error / size);
    }
    assertThat(Arrays.stream(errors).average().orElseThrow())
        .isBetween(products == Products.BF16 ? 0.01 : 0.1, products == Products.BF16 ? 0.06 : 0.6);
  }

  private Step step(Decoder decoder, int every, Products products) {
    try (FlatTensors gradients = decoder.weights().newLearnedZeros()) {
      NDList step =
          decoder.addGradients(
              manager,
              gradients.tensors(),
              ids(decoder),
              STARTS,
              STARTS,
              mask(),
              normalisers(decoder),
              LOSS_WEIGHTS,
              every,
              products);
      return step(step.get(0), step.get(1), gradients.tensors());
    }
  }

  private Step autograd(Decoder decoder) {
    NDList step =
        decoder.call(
            manager,
            /* recording= */ true,
            "training_step",
            ids(decoder),
            STARTS,
            STARTS,
            mask(),
            normalisers(decoder),
            LOSS_WEIGHTS);
    return step(step.get(0), step.get(1), new NDList(step.subList(2, step.size())));
  }

  private static Step step(NDArray losses, NDArray loads, NDList gradients) {
    return new Step(
        losses.toFloatArray(),
        loads.toFloatArray(),
        gradients.stream().map(NDArray::toFloatArray).toArray(float[][]::new));
  }

  private NDArray ids(Decoder decoder) {
    return manager.create(new Random(1).ints(64, 0, decoder.config().vocabSize()).toArray());
  }

  private NDArray mask() {
    int[] values = new int[64];
    Arrays.setAll(values, i -> i % 7 == 3 ? 0 : 1);
    return manager.create(values).toType(DataType.UINT8, false);
  }

  private static double[] normalisers(Decoder decoder) {
    double[] normalisers = new double[decoder.config().numNextnPredictLayers() + 2];
    Arrays.setAll(normalisers, i -> 40.0 - i);
    return normalisers;
  }

  /** One dense layer, four with experts, and the MTP modules. */
  private static LanguageConfig config(int depth, boolean tied, Activation activation) {
    return new LanguageConfig(
        61,
        32,
        48,
        16,
        5,
        2,
        24,
        16,
        8,
        8,
        12,
        8,
        1,
        2,
        4,
        2,
        true,
        2.5,
        1,
        depth,
        128,
        1e-6,
        10_000,
        0.1,
        tied,
        0,
        null,
        activation,
        false,
        false,
        false);
  }
}
