package io.millrace.language.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.millrace.language.config.LanguageConfig;
import io.millrace.tensor.engine.TensorEngine;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The kernel of few operations against the general one, token by token. */
class FusedDecodeTest {

  private static final int TOKENS = 9;

  /** With 32 values each, more than are read at once. */
  private static final int VOCABULARY = 5000;

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final NDManager manager = engine.newManager();

  @AfterEach
  void close() {
    manager.close();
  }

  @ParameterizedTest
  @CsvSource({
    "12, 1, 2, true, false, false",
    ", 0, 1, false, true, false",
    ", 3, 2, true, false, false",
    "12, 1, 2, true, false, true",
  })
  void givesTheSameLogitsAndCache(
      @Nullable Integer queryRank,
      int dense,
      int groups,
      boolean normalised,
      boolean tied,
      boolean readingAhead) {
    NDList seen = readingAhead ? new NDList(manager.zeros(new Shape())) : new NDList();
    LanguageConfig config = config(queryRank, dense, groups, normalised, tied, 16);
    try (Decoder decoder = Decoder.create(engine, config, 3)) {
      decoder.biases().forEach(bias -> bias.addi(manager.randomNormal(bias.getShape()).mul(0.1)));
      NDArray latents = manager.zeros(new Shape(3, TOKENS, 16));
      NDArray keys = manager.zeros(new Shape(3, TOKENS, 8));
      NDArray fusedLatents = manager.zeros(new Shape(3, TOKENS, 16));
      NDArray fusedKeys = manager.zeros(new Shape(3, TOKENS, 8));
      for (int i = 0; i < TOKENS; i++) {
        int token = (i * 17 + 5) % 61;
        NDArray expected =
            decoder
                .call(
                    manager,
                    false,
                    "decode",
                    new long[] {token},
                    new long[] {i},
                    new NDList(latents),
                    new NDList(keys))
                .singletonOrThrow();
        NDArray fused =
            decoder
                .call(manager, false, "fused_decode", token, i, fusedLatents, fusedKeys, seen)
                .singletonOrThrow();
        assertThat(expected.abs().max().getFloat()).isGreaterThan(0.05f);
        assertThat(fused.toFloatArray()).containsExactly(expected.toFloatArray(), within(1e-5f));
      }
      assertThat(seen.stream().allMatch(sum -> sum.getFloat() != 0)).isTrue();
      assertThat(fusedLatents.toFloatArray())
          .containsExactly(latents.toFloatArray(), within(1e-5f));
      assertThat(fusedKeys.toFloatArray()).containsExactly(keys.toFloatArray(), within(1e-5f));
    }
  }

  @Test
  void anOddLatentIsLeftToTheGeneralKernel() {
    try (Decoder decoder = Decoder.create(engine, config(null, 1, 1, true, false, 15), 3)) {
      NDArray latents = manager.zeros(new Shape(3, TOKENS, 15));
      NDArray keys = manager.zeros(new Shape(3, TOKENS, 8));
      NDArray logits = decoder.decode(manager, 5, 0, latents, keys);
      assertThat(logits.getShape()).isEqualTo(new Shape(VOCABULARY));
    }
  }

  private static LanguageConfig config(
      @Nullable Integer queryRank,
      int dense,
      int groups,
      boolean normalised,
      boolean tied,
      int latent) {
    Map<String, Object> keys = new HashMap<>();
    keys.put("vocab_size", VOCABULARY);
    keys.put("num_nextn_predict_layers", 0);
    keys.put("q_lora_rank", queryRank);
    keys.put("kv_lora_rank", latent);
    keys.put("n_group", groups);
    keys.put("topk_group", 1);
    keys.put("norm_topk_prob", normalised);
    keys.put("first_k_dense_replace", dense);
    keys.put("tie_word_embeddings", tied);
    return TrainingSteps.config(keys);
  }
}
