package io.millrace.language.model;

import static io.millrace.language.model.TrainingSteps.STARTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.model.TrainingSteps.Step;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.parameter.FlatTensors;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The training step on bfloat16 tensors, which tensor cores run, on the processor and against
 * float32.
 */
class BFloat16TensorsTest {

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final NDManager manager = engine.newManager();
  private final TrainingSteps steps = new TrainingSteps(manager);

  @AfterEach
  void close() {
    manager.close();
  }

  /** All experts are chosen: a token that rounding sends to another one would change much. */
  @ParameterizedTest
  @CsvSource({"2, false, 24, 12", "1, true, 0, 16", "0, false, 24, 8"})
  void staysNearFloat32(int depth, boolean tied, int queryRank, int valueWidth) {
    try (Decoder decoder =
        Decoder.create(engine, config(depth, tied, queryRank, valueWidth, 8), 3)) {
      Step exact = step(decoder, 0, STARTS, Products.F32);
      Step found = step(decoder, 0, STARTS, Products.BF16_TENSORS);
      assertNear(found, exact, 0.03);
    }
  }

  private static void assertNear(Step found, Step exact, double most) {
    for (int i = 0; i < exact.losses().length; i++) {
      assertThat(found.losses()[i])
          .as("loss %d", i)
          .isBetween(0.995f * exact.losses()[i], 1.005f * exact.losses()[i]);
    }
    assertThat(sum(found.loads())).isEqualTo(sum(exact.loads()));
    assertThat(found.distance(exact)).as("rounded, and not by much").isBetween(0.002, most);
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
      double[] distances = found.distances(expected);
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

  static Stream<Map<String, ?>> notWrittenByHand() {
    return Stream.of(
        Map.of("mlp_bias", true, "attention_bias", true, "router_bias", true),
        Map.of("v_head_dim", 20, "kv_lora_rank", 15),
        Map.of("hidden_act", "gelu", "q_lora_rank", 20, "tie_word_embeddings", true),
        Map.of("hidden_act", "prelu", "num_nextn_predict_layers", 2),
        Map.of("hidden_act", "mish", "num_nextn_predict_layers", 0, "mlp_bias", true));
  }

  /** By autograd on bfloat16 tensors; all experts are chosen, as above. */
  @ParameterizedTest
  @MethodSource
  void notWrittenByHand(Map<String, ?> keys) {
    Map<String, Object> all = new HashMap<>(keys);
    all.put("num_experts_per_tok", 8);
    all.put("topk_group", 4);
    try (Decoder decoder = Decoder.create(engine, TrainingSteps.config(all), 3)) {
      assertThat(decoder.layout().isCoveredByFusedStep()).isFalse();
      assertThat(TensorCores.bf16(engine, decoder.config())).isEqualTo(Products.BF16_TENSORS);
      Step exact = step(decoder, 0, STARTS, Products.F32);
      Step found = step(decoder, 0, STARTS, Products.BF16_TENSORS);
      assertNear(found, exact, 0.04);
      Step again = step(decoder, 1, STARTS, Products.BF16_TENSORS);
      assertThat(again.losses()).containsExactly(found.losses());
      assertThat(again.gradients()).as("computed again").isDeepEqualTo(found.gradients());
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
      steps.add(decoder, gradients, 0, STARTS, Products.BF16_TENSORS);
      steps.add(decoder, gradients, 0, STARTS, Products.BF16_TENSORS);
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
                  steps.ids(decoder.config()),
                  starts,
                  starts,
                  steps.mask(),
                  TrainingSteps.normalisers(decoder.config()),
                  TrainingSteps.LOSS_WEIGHTS,
                  0,
                  kernels.shape());
      return Step.of(step.get(0), step.get(1), gradients.tensors());
    }
  }

  private Step step(Decoder decoder, int every, long[] starts, Products products) {
    return steps.step(decoder, every, starts, products);
  }

  private static double sum(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum;
  }

  /** One dense layer, two with experts, and the MTP modules. */
  private static LanguageConfig config(int depth, boolean tied, int queryRank, int valueWidth) {
    return config(depth, tied, queryRank, valueWidth, 2);
  }

  private static LanguageConfig config(
      int depth, boolean tied, int queryRank, int valueWidth, int chosen) {
    Map<String, Object> keys = new HashMap<>();
    keys.put("num_nextn_predict_layers", depth);
    keys.put("tie_word_embeddings", tied);
    keys.put("q_lora_rank", queryRank == 0 ? null : queryRank);
    keys.put("v_head_dim", valueWidth);
    keys.put("num_experts_per_tok", chosen);
    keys.put("topk_group", chosen == 8 ? 4 : 2);
    return TrainingSteps.config(keys);
  }
}
