package io.millrace.language.generate;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

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
   * Reads a token of each of several sequences in one call.
   *
   * @param caches at least one, all of one decoder; each has read tokens and has room
   * @param tokens one for each
   * @return logits [V] of the token after each
   */
  static List<float[]> readTogether(List<LatentCache> caches, long... tokens) {
    long[] positions = new long[tokens.length];
    for (int i = 0; i < tokens.length; i++) {
      LatentCache cache = caches.get(i);
      if (cache.length == 0 || cache.length == cache.memory.capacity()) {
        throw new IllegalStateException(
            "a cache has read %d of %d tokens".formatted(cache.length, cache.memory.capacity()));
      }
      positions[i] = cache.length;
    }
    float[] logits =
        switch (caches.getFirst().memory) {
          case OwnMemory unused ->
              OwnMemory.decodeTogether(memories(OwnMemory.class, caches), tokens, positions);
          case PooledMemory unused ->
              PooledMemory.decodeTogether(memories(PooledMemory.class, caches), tokens, positions);
        };
    caches.forEach(cache -> cache.length++);
    int vocabulary = logits.length / tokens.length;
    return IntStream.range(0, tokens.length)
        .mapToObj(i -> Arrays.copyOfRange(logits, i * vocabulary, (i + 1) * vocabulary))
        .toList();
  }

  private static <M extends CacheMemory> List<M> memories(Class<M> type, List<LatentCache> caches) {
    return caches.stream().map(cache -> type.cast(cache.memory)).toList();
  }

  @Override
  public void close() {
    memory.close();
  }
}
