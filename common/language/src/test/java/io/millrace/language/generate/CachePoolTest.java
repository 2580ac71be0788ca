package io.millrace.language.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.language.config.LanguageConfig;
import io.millrace.language.model.Chance;
import io.millrace.language.model.Decoder;
import io.millrace.language.model.Said;
import io.millrace.tensor.engine.TensorEngine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CachePoolTest {

  private static final Chance GREEDY = new Chance(new double[9], new double[9]);

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final Decoder decoder =
      Decoder.create(engine, LanguageConfig.preset("nano", 64, 0), /* seed= */ 3);
  private final CachePool pool = new CachePool(engine, decoder, /* keptBytes= */ 0);

  @AfterEach
  void close() {
    pool.close();
    decoder.close();
  }

  @Test
  void givesTheFirstRowsThatAreFreeAndGrowsWhereThereAreNone() {
    assertThat(pool.size()).isZero();
    assertThat(pool.take(4)).isZero();
    assertThat(pool.size()).isEqualTo(4);
    assertThat(pool.take(3)).isEqualTo(4); // doubled: one row is left
    assertThat(pool.size()).isEqualTo(8);
    assertThat(pool.take(10)).isEqualTo(7); // with the one that was left
    assertThat(pool.size()).isEqualTo(18);

    pool.giveBack(4, 3);
    assertThat(pool.take(5)).as("with the row before the new ones").isEqualTo(17);
    pool.giveBack(0, 4);
    assertThat(pool.take(7)).as("two neighbours that were given back").isZero();
    assertThat(pool.take(1)).isEqualTo(22);
  }

  @Test
  void holdsNothingWhenAllIsGivenBack() {
    int first = pool.take(5);
    int second = pool.take(2);
    int third = pool.take(9);
    pool.giveBack(second, 2);
    pool.giveBack(first, 5);
    assertThat(pool.size()).isEqualTo(20);
    pool.giveBack(third, 9);

    assertThat(pool.size()).isZero();
    assertThatThrownBy(() -> pool.prefill(0, 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no rows of the pool are taken");
    assertThat(pool.take(3)).isZero();
    assertThat(pool.prefill(0, 1, 2)).hasSize(64);
  }

  @Test
  void saysWhatCachesOfTheirOwnSay() {
    int[][] prompts = {{3}, {1, 4, 1, 5}, {9, 2}};
    List<LatentCache> pooled = new ArrayList<>();
    List<LatentCache> own = new ArrayList<>();
    for (int[] prompt : prompts) {
      // Each but the first makes the pool grow under those that have read.
      pooled.add(new LatentCache(new PooledMemory(pool, 6)));
      own.add(new LatentCache(new OwnMemory(decoder, engine.newManager(), 6)));
      assertThat(pooled.getLast().read(prompt))
          .containsExactly(own.getLast().read(prompt), within(1e-5f));
    }
    for (int step = 0; step < 2; step++) {
      long[] tokens = {6, 5 + step, 3};
      float[] found = LatentCache.readTogether(pooled, tokens, null).logits();
      for (int i = 0; i < prompts.length; i++) {
        assertThat(Arrays.copyOfRange(found, i * 64, (i + 1) * 64))
            .containsExactly(own.get(i).read((int) tokens[i]), within(1e-5f));
      }
    }
    assertThat(pooled.get(1).length()).isEqualTo(6);
    assertThatThrownBy(() -> pooled.get(1).read(1)).hasMessageContaining("all 6 places");
    assertThat(pooled.getFirst().read(7, 8))
        .containsExactly(own.getFirst().read(7, 8), within(1e-5f));
    pooled.forEach(LatentCache::close);
    pooled.forEach(LatentCache::close); // a second time is nothing
    own.forEach(LatentCache::close);
    assertThat(pool.size()).isZero();
  }

  /** Nine sequences are filled up to ten; the same size again is what a device records. */
  @Test
  void saysTheSameWhenAStepIsRecordedAndFilledUp() {
    List<LatentCache> pooled = new ArrayList<>();
    List<LatentCache> own = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      pooled.add(new LatentCache(new PooledMemory(pool, 8)));
      own.add(new LatentCache(new OwnMemory(decoder, engine.newManager(), 8)));
      pooled.getLast().read(i, 1);
      own.getLast().read(i, 1);
    }
    for (int step = 0; step < 4; step++) {
      long[] tokens = LongStream.range(step, step + 9).toArray();
      Said said = LatentCache.readTogether(pooled, tokens, GREEDY);
      assertThat(said.logits()).isEmpty();
      for (int i = 0; i < tokens.length; i++) {
        float[] alone = own.get(i).read((int) tokens[i]);
        assertThat(alone[said.chosen()[i]]).isEqualTo(largest(alone));
        assertThat(pooled.get(i).readAgain((int) tokens[i])).containsExactly(alone, within(1e-5f));
      }
    }
    decoder.weights().get("model.norm.weight").muli(Float.NaN);
    Said nothing = LatentCache.readTogether(pooled, new long[9], GREEDY);
    assertThat(nothing.chosen()).isEmpty();
    assertThat(nothing.logits()).hasSize(9 * 64).containsOnly(Float.NaN);
    pooled.forEach(LatentCache::close);
    own.forEach(LatentCache::close);
  }

  /** As a sampler does, which adds up probabilities in the order of the vocabulary. */
  @Test
  void chooses() {
    double[] temperatures = {1, 0, 0.3, 20};
    double[] draws = {0.5, 0.99, 0, 0.999_999};
    List<LatentCache> pooled = new ArrayList<>();
    for (int i = 0; i < temperatures.length; i++) {
      pooled.add(new LatentCache(new PooledMemory(pool, 8)));
      pooled.getLast().read(i, 1);
    }
    for (int step = 0; step < 3; step++) {
      long[] tokens = {step, 1, 2, 3};
      int[] chosen =
          LatentCache.readTogether(pooled, tokens, new Chance(temperatures, draws)).chosen();
      for (int i = 0; i < tokens.length; i++) {
        float[] logits = pooled.get(i).readAgain((int) tokens[i]);
        assertThat(chosen[i])
            .as("step %d, sequence %d", step, i)
            .isEqualTo(expected(logits, temperatures[i], draws[i]));
      }
    }
    pooled.forEach(LatentCache::close);
  }

  private static int expected(float[] logits, double temperature, double draw) {
    float largest = largest(logits);
    double total = 0;
    double[] sums = new double[logits.length];
    for (int i = 0; i < logits.length; i++) {
      boolean isLargest = logits[i] == largest;
      total +=
          temperature == 0 ? (isLargest ? 1 : 0) : Math.exp((logits[i] - largest) / temperature);
      sums[i] = total;
    }
    int token = 0;
    while (sums[token] <= draw * total) {
      token++;
    }
    return token;
  }

  private static float largest(float... values) {
    float largest = Float.NEGATIVE_INFINITY;
    for (float value : values) {
      largest = Math.max(largest, value);
    }
    return largest;
  }

  @Test
  void keepsASmallPoolForTheNext() {
    try (CachePool kept = new CachePool(engine, decoder, /* keptBytes= */ 1 << 20)) {
      kept.giveBack(kept.take(5), 5);
      assertThat(kept.size()).isEqualTo(5);
      assertThat(kept.take(5)).isZero();
      kept.giveBack(kept.take(5000), 5000);
      kept.giveBack(0, 5);
      assertThat(kept.size()).as("more than is kept").isZero();
    }
  }

  @Test
  void growsWhileOthersRead() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<float[]>> found = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        int token = i;
        found.add(
            threads.submit(() -> {
              try (LatentCache cache = new LatentCache(new PooledMemory(pool, 4 + token))) {
                cache.read(token, 1);
                return cache.read(2, 3);
              }
            }));
      }
      for (int i = 0; i < found.size(); i++) {
        try (LatentCache own = new LatentCache(new OwnMemory(decoder, engine.newManager(), 4))) {
          own.read(i, 1);
          assertThat(found.get(i).get()).containsExactly(own.read(2, 3), within(1e-5f));
        }
      }
    }
    assertThat(pool.size()).isZero();
  }
}
