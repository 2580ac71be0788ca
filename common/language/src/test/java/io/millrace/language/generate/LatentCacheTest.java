package io.millrace.language.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.language.config.LanguageConfig;
import io.millrace.language.model.Decoder;
import io.millrace.tensor.engine.TensorEngine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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

  @Test
  void readsATokenOfEachOfSeveralSequences() {
    int[][] prompts = {{3}, {1, 4, 1, 5}, {9, 2}};
    List<LatentCache> together = new ArrayList<>();
    List<LatentCache> alone = new ArrayList<>();
    try {
      for (int[] prompt : prompts) {
        together.add(cache(prompt.length + 2));
        together.getLast().read(prompt);
        alone.add(cache(prompt.length + 2));
        alone.getLast().read(prompt);
      }
      for (int step = 0; step < 2; step++) {
        long[] tokens = {6, 5 + step, 3};
        float[] found = LatentCache.readTogether(together, tokens, null).logits();
        int vocabulary = found.length / prompts.length;
        for (int i = 0; i < prompts.length; i++) {
          assertThat(together.get(i).length()).isEqualTo(prompts[i].length + step + 1);
          assertThat(Arrays.copyOfRange(found, i * vocabulary, (i + 1) * vocabulary))
              .containsExactly(alone.get(i).read((int) tokens[i]), within(1e-5f));
        }
      }
      assertThatThrownBy(() -> LatentCache.readTogether(together, new long[3], null))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("a cache has read 3 of 3 tokens");
      try (LatentCache empty = cache(4)) {
        assertThatThrownBy(() -> LatentCache.readTogether(List.of(empty), new long[1], null))
            .isInstanceOf(IllegalStateException.class)
            .hasMessage("a cache has read 0 of 4 tokens");
      }
    } finally {
      together.forEach(LatentCache::close);
      alone.forEach(LatentCache::close);
    }
  }

  private LatentCache cache(int capacity) {
    return new LatentCache(new OwnMemory(decoder, engine.newManager(), capacity));
  }
}
