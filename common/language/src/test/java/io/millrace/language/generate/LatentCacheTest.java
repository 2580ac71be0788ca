package io.millrace.language.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.language.config.LanguageConfig;
import io.millrace.language.model.Decoder;
import io.millrace.tensor.engine.TensorEngine;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LatentCacheTest {

  private static final int[] TOKENS = {3, 1, 4, 1, 5, 9};

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final Decoder decoder =
      Decoder.create(engine, LanguageConfig.preset("nano", 64, 0), /* seed= */ 3);

  @AfterEach
  void close() {
    decoder.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void saysTheSameHoweverTokensAreCutIntoReads(int first) {
    try (LatentCache whole = cache(TOKENS.length);
        LatentCache parts = cache(TOKENS.length)) {
      float[] expected = whole.read(TOKENS);
      parts.read(Arrays.copyOf(TOKENS, first));
      float[] found = parts.read(Arrays.copyOfRange(TOKENS, first, TOKENS.length));

      assertThat(parts.length()).isEqualTo(TOKENS.length);
      for (int i = 0; i < expected.length; i++) {
        assertThat(found[i]).isCloseTo(expected[i], within(1e-4f));
      }
    }
  }

  @Test
  void readsNothingThatItHasNoRoomFor() {
    try (LatentCache cache = cache(4)) {
      cache.read(3, 1, 4);

      assertThatThrownBy(() -> cache.read(1, 5))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("all 4 places of the cache are taken");
      assertThat(cache.length()).isEqualTo(3);
      assertThat(cache.read(1)).hasSize(64);
    }
  }

  private LatentCache cache(int capacity) {
    return new LatentCache(decoder, engine.newManager(), capacity);
  }
}
