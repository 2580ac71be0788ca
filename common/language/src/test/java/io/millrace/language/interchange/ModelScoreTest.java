package io.millrace.language.interchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.model.Decoder;
import io.millrace.tensor.engine.TensorEngine;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ModelScoreTest {

  private static final String NORM = "model.norm.weight";

  private final TensorEngine engine = TensorEngine.start("cpu");

  @Test
  void readsMoreLogitsThanAPieceHas() {
    // 41 rows fit into a piece of 2^22.
    LanguageConfig config = LanguageConfig.preset("nano", 100_000, 0);
    int[] ids = IntStream.range(0, 100).map(t -> t * 977).toArray();
    try (Decoder decoder = Decoder.create(engine, config, 3);
        NDManager manager = engine.newManager();
        ModelScore score = ModelScore.of(engine, decoder, ids)) {
      double[] found = score.logProbabilities();
      NDArray logs = ExportedModels.logits(manager, decoder, ids).logSoftmax(1);
      assertThat(found).hasSize(99);
      for (int t : new int[] {0, 40, 41, 42, 98}) {
        assertThat(found[t]).isCloseTo(logs.getFloat(t, ids[t + 1]), within(1e-4));
      }
    }
  }

  @Test
  void refusesLogitsThatAreNotFinite() {
    LanguageConfig config = LanguageConfig.preset("nano", 300, 0);
    try (Decoder decoder = Decoder.create(engine, config, 3)) {
      NDArray norm = decoder.weights().get(NORM);
      decoder.weights().load(NORM, norm.mul(Float.NaN));
      for (int[] ids : new int[][] {{5}, {5, 7, 9}}) {
        try (ModelScore score = ModelScore.of(engine, decoder, ids)) {
          assertThatThrownBy(score::logProbabilities)
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining(
                  "the logits after token 1 of " + ids.length + " are not finite");
        }
      }
    }
  }
}
