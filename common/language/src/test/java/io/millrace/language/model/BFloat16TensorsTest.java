package io.millrace.language.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.millrace.language.config.LanguageConfig;
import io.millrace.tensor.activation.Activation;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.parameter.FlatTensors;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The training step on bfloat16 tensors, which tensor cores run, on the processor and against
 * float32.
 */
class BFloat16TensorsTest {

  private static final long[] STARTS = {0, 17, 18, 40, 64};
  private static final double[] LOSS_WEIGHTS = {0.3, 0.1};
  private static final int TOKENS = 64;

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final NDManager manager = engine.newManager();

  @AfterEach
  void close() {
    manager.close();
  }

  /** What a step gives: losses, loads, gradients. */
  private record Step(float[] losses, float[] loads, float[][] gradients) {}

  /** All experts are chosen: a token that rounding sends to another one would change much. */
  @ParameterizedTest
  @CsvSource({"2, false, 24, 12", "1, true, 0, 16", "0, false, 24, 8"})
  void staysNearFloat32(int depth, boolean tied, int queryRank, int valueWidth) {
    try (Decoder decoder =
        Decoder.create(engine, config(depth, tied, queryRank, valueWidth, 8), 3)) {
      Step exact = step(decoder, 0, STARTS, Products.F32);
      Step found = step(decoder, 0, STARTS, Products.BF16_TENSORS);
      for (int i = 0; i < exact.losses().length; i++) {
        assertThat(found.losses()[i])
            .as("loss %d", i)
            .isBetween(0.995f * exact.losses()[i], 1.005f * exact.losses()[i]);
      }
      assertThat(sum(found.loads())).isEqualTo(sum(exact.loads()));
      assertThat(distances(found, exact)).as("rounded, and not by much").isBetween(0.002, 0.03);
    }
  }

  /** With the masters in place of the copies nothing is rounded: what is left is the formulas. */
  @ParameterizedTest
  @CsvSource({
    "2, false, 24, 12, 17 18 40 64",
    "1, true, 0, 16, 64",
    "0, false, 24, 8, 1 2 64",
    "1, false, 24, 12, 10 20 30 40 50 63 64"
  })
  void givesTheGradientsOfFloat32WhereNothingIsRounded(
      int depth, boolean tied, int queryRank, int valueWidth, String ends) {
    long[] starts = Arrays.stream(("0 " + ends).split(" ")).mapToLong(Long::parseLong).toArray();
    try (Decoder decoder = Decoder.create(engine, config(depth, tied, queryRank, valueWidth), 3)) {
      Step expected = step(decoder, 0, starts, Products.F32);
      Step found = ofMasters(decoder, starts);
      assertThat(found.loads()).containsExactly(expected.loads());
      for (int i = 0; i < 3; i++) {
        assertThat(found.losses()[i]).isCloseTo(expected.losses()[i], withinPercentage(1e-3));
      }
      double[] distances = distancesByTensor(found, expected);
      for (int i = 0; i < distances.length; i++) {
        assertThat(distances[i])
            .as(decoder.weights().learnedSpecs().get(i).name())
            .isLessThan(1e-5);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "9"})
  void layersThatAreComputedAgainChangeNotABit(int every) {
    try (Decoder decoder = Decoder.create(engine, config(2, false, 24, 12), 3)) {
      Step expected = step(decoder, 0, STARTS, Products.BF16_TENSORS);
      Step found = step(decoder, every, STARTS, Products.BF16_TENSORS);
      assertThat(found.losses()).containsExactly(expected.losses());
      assertThat(found.loads()).containsExactly(expected.loads());
      assertThat(found.gradients()).isDeepEqualTo(expected.gradients());
    }
  }

  /** Copies of weights are those of the step before until the next one begins. */
  @Test
  void takesCopiesOfTheWeightsOnceAStep() {
    try (Decoder decoder = Decoder.create(engine, config(1, false, 24, 12), 3);
        Decoder other = Decoder.create(engine, config(1, false, 24, 12), 4)) {
      Step before = step(decoder, 0, STARTS, Products.BF16_TENSORS);
      decoder.weights().load(other.weights().asMap());
      decoder.beginStep(Products.BF16_TENSORS);
      Step after = step(decoder, 0, STARTS, Products.BF16_TENSORS);
      assertThat(after.losses()).isNotEqualTo(before.losses());
      assertThat(after.gradients())
          .isDeepEqualTo(step(other, 0, STARTS, Products.BF16_TENSORS).gradients());
    }
  }

  @Test
  void addsToTheGradientsOfTheBatchBefore() {
    try (Decoder decoder = Decoder.create(engine, config(1, false, 24, 12), 3);
        FlatTensors gradients = decoder.weights().newLearnedZeros()) {
      Step one = step(decoder, 0, STARTS, Products.BF16_TENSORS);
      addGradients(decoder, gradients, 0, STARTS, Products.BF16_TENSORS);
      addGradients(decoder, gradients, 0, STARTS, Products.BF16_TENSORS);
      for (int i = 0; i < one.gradients().length; i++) {
        float[] twice = gradients.tensors().get(i).toFloatArray();
        for (int k = 0; k < twice.length; k++) {
          assertThat(twice[k]).isCloseTo(2 * one.gradients()[i][k], within(1e-6f));
        }
      }
    }
  }

  @Test
  void aProcessorRoundsOperandsAlone() {
    assertThat(TensorCores.bf16(engine, config(1, false, 24, 12))).isEqualTo(Products.BF16);
    assertThat(TensorCores.works(engine, "trial/flash_attention.py")).isFalse();
    assertThat(TensorCores.works(engine, "trial/fused_norms.py"))
        .as("no such operation in libtorch 2.7.1")
        .isFalse();
  }

  private Step ofMasters(Decoder decoder, long[] starts) {
    DecoderLayout layout = decoder.layout();
    try (FlatTensors gradients = decoder.weights().newLearnedZeros();
        DecoderKernels kernels = new DecoderKernels(engine, layout, Products.BF16_TENSORS);
        KernelValue masters =
            kernels.weights(decoder.biases(), decoder.weights().learnedTensors());
        KernelValue added = kernels.weights(decoder.biases(), gradients.tensors())) {
      NDList step =
          kernels
              .kernels()
              .runForReading(
                  manager,
                  "fused_step",
                  masters,
                  added,
                  ids(decoder.config()),
                  starts,
                  starts,
                  mask(),
                  normalisers(decoder.config()),
                  LOSS_WEIGHTS,
                  0,
                  kernels.shape());
      return step(step, gradients);
    }
  }

  private Step step(Decoder decoder, int every, long[] starts, Products products) {
    try (FlatTensors gradients = decoder.weights().newLearnedZeros()) {
      return step(addGradients(decoder, gradients, every, starts, products), gradients);
    }
  }

  private static Step step(NDList step, FlatTensors gradients) {
    return new Step(
        step.get(0).toFloatArray(),
        step.get(1).toFloatArray(),
        gradients.tensors().stream().map(NDArray::toFloatArray).toArray(float[][]::new));
  }

  private NDList addGradients(
      Decoder decoder, FlatTensors gradients, int every, long[] starts, Products products) {
    return decoder.addGradients(
        manager,
        gradients.tensors(),
        ids(decoder.config()),
        starts,
        starts,
        mask(),
        normalisers(decoder.config()),
        LOSS_WEIGHTS,
        every,
        products);
  }

  private NDArray ids(LanguageConfig config) {
    return manager.create(new Random(1).ints(TOKENS, 0, config.vocabSize()).toArray());
  }

  private NDArray mask() {
    int[] mask = new int[TOKENS];
    Arrays.setAll(mask, i -> i % 7 == 3 ? 0 : 1);
    return manager.create(mask).toType(DataType.UINT8, false);
  }

  private static double[] normalisers(LanguageConfig config) {
    double[] normalisers = new double[config.numNextnPredictLayers() + 2];
    Arrays.setAll(normalisers, i -> 40.0 - i);
    return normalisers;
  }

  private static double sum(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum;
  }

  /** Mean over the tensors of the norm of the difference over the norm. */
  private static double distances(Step found, Step exact) {
    return Arrays.stream(distancesByTensor(found, exact)).average().orElseThrow();
  }

  private static double[] distancesByTensor(Step found, Step exact) {
    double[] distances = new double[exact.gradients().length];
    for (int i = 0; i < distances.length; i++) {
      double difference = 0;
      double norm = 0;
      for (int k = 0; k < exact.gradients()[i].length; k++) {
        difference += Math.pow(found.gradients()[i][k] - exact.gradients()[i][k], 2);
        norm += Math.pow(exact.gradients()[i][k], 2);
      }
      distances[i] = Math.sqrt(difference / norm);
    }
    return distances;
  }

  /** One dense layer, two with experts, and the MTP modules. */
  private static LanguageConfig config(int depth, boolean tied, int queryRank, int valueWidth) {
    return config(depth, tied, queryRank, valueWidth, 2);
  }

  private static LanguageConfig config(
      int depth, boolean tied, int queryRank, int valueWidth, int chosen) {
    return new LanguageConfig(
        61,
        32,
        48,
        16,
        3,
        2,
        queryRank == 0 ? null : queryRank,
        16,
        8,
        8,
        valueWidth,
        8,
        1,
        chosen,
        4,
        chosen == 8 ? 4 : 2,
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
        Activation.SILU,
        false,
        false,
        false);
  }
}
