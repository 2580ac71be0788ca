package io.millrace.language.generate;

import io.millrace.language.model.Chance;
import io.millrace.language.model.Said;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a decoder keeps of the tokens that it has read: of each layer a latent and a rotary key,
 * instead of the keys and values of every head (arXiv 2412.19437, section 2.1.1).
 *
 * <p>Not for use by several threads at once.
 */
final class LatentCache implements AutoCloseable {

  private final CacheMemory memory;
  private int length;

  /**
   * An empty cache.
   *
   * @param memory closed with it
   */
  LatentCache(CacheMemory memory) {
    this.memory = memory;
  }

  /** Number of tokens that were read. */
  int length() {
    return length;
  }

  /**
   * Reads tokens that follow those read before.
   *
   * @param tokens at least one
   * @return logits [V] of the token after them
   */
  float[] read(int... tokens) {
    if (tokens.length > memory.capacity() - length) {
      throw new IllegalStateException(
          "all " + memory.capacity() + " places of the cache are taken");
    }
    float[] logits = length == 0 ? memory.prefill(tokens) : memory.decode(tokens[0], length);
    for (int i = length == 0 ? tokens.length : 1; i < tokens.length; i++) {
      logits = memory.decode(tokens[i], length + i);
    }
    length += tokens.length;
    return logits;
  }

  /**
   * Logits [V] of the token after the newest, which was read before.
   *
   * @param newest that token
   */
  float[] readAgain(int newest) {
    return memory.decode(newest, length - 1);
  }

  /** Whether a model can choose the next token where this cache lies. */
  boolean isChosenFor() {
    return memory instanceof PooledMemory;
  }

  /**
   * Reads a token of each of several sequences in one call.
   *
   * @param caches at least one, all of one decoder; each has read tokens and has room
   * @param tokens one for each
   * @param chance how the next tokens are chosen; without it, and from caches of their own, logits
   *     are given
   */
  static Said readTogether(List<LatentCache> caches, long[] tokens, @Nullable Chance chance) {
    long[] positions = new long[tokens.length];
    for (int i = 0; i < tokens.length; i++) {
      LatentCache cache = caches.get(i);
      if (cache.length == 0 || cache.length == cache.memory.capacity()) {
        throw new IllegalStateException(
            "a cache has read %d of %d tokens".formatted(cache.length, cache.memory.capacity()));
      }
      positions[i] = cache.length;
    }
    Said said =
        switch (caches.getFirst().memory) {
          case OwnMemory unused ->
              OwnMemory.decodeTogether(memories(OwnMemory.class, caches), tokens, positions);
          case PooledMemory unused ->
              PooledMemory.decodeTogether(
                  memories(PooledMemory.class, caches), tokens, positions, chance);
        };
    caches.forEach(cache -> cache.length++);
    return said;
  }

  private static <M extends CacheMemory> List<M> memories(Class<M> type, List<LatentCache> caches) {
    return caches.stream().map(cache -> type.cast(cache.memory)).toList();
  }

  @Override
  public void close() {
    memory.close();
  }
}
