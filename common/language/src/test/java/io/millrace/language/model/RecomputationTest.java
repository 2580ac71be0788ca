package io.millrace.language.model;

import static io.millrace.language.model.TrainingSteps.STARTS;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.model.TrainingSteps.Step;
import io.millrace.tensor.activation.Activation;
import io.millrace.tensor.engine.TensorEngine;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Layers that are computed again give the gradients, losses and loads of layers that are not. */
class RecomputationTest {

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final NDManager manager = engine.newManager();
  private final TrainingSteps steps = new TrainingSteps(manager);

  @AfterEach
  void close() {
    manager.close();
  }

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
    assertThat(found.distance(expected))
        .isBetween(products == Products.BF16 ? 0.01 : 0.1, products == Products.BF16 ? 0.06 : 0.6);
  }

  private Step step(Decoder decoder, int every, Products products) {
    return steps.step(decoder, every, STARTS, products);
  }

  private Step autograd(Decoder decoder) {
    NDList step =
        decoder.call(
            manager,
            /* recording= */ true,
            "training_step",
            steps.ids(decoder.config()),
            STARTS,
            STARTS,
            steps.mask(),
            TrainingSteps.normalisers(decoder.config()),
            TrainingSteps.LOSS_WEIGHTS);
    return Step.of(step.get(0), step.get(1), new NDList(step.subList(2, step.size())));
  }

  /** One dense layer, four with experts, and the MTP modules. */
  private static LanguageConfig config(int depth, boolean tied, Activation activation) {
    return TrainingSteps.config(
        Map.of(
            "num_hidden_layers",
            5,
            "num_nextn_predict_layers",
            depth,
            "tie_word_embeddings",
            tied,
            "hidden_act",
            activation.key()));
  }
}
