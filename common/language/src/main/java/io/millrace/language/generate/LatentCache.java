package io.millrace.language.generate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.model.Decoder;
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

  private final Decoder decoder;
  private final NDManager manager;
  private final NDArray latents;
  private final NDArray keys;
  private final int capacity;
  private int length;

  /**
   * An empty cache.
   *
   * @param manager of its memory; closed with it
   * @param capacity P, tokens that it has room for
   */
  LatentCache(Decoder decoder, NDManager manager, int capacity) {
    this.decoder = decoder;
    this.manager = manager;
    this.capacity = capacity;
    LanguageConfig config = decoder.config();
    int layers = config.numHiddenLayers();
    // [L, P, C] and [L, P, R]
    this.latents =
        manager.zeros(new Shape(layers, capacity, config.kvLoraRank()), DataType.FLOAT32);
    this.keys =
        manager.zeros(new Shape(layers, capacity, config.qkRopeHeadDim()), DataType.FLOAT32);
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
    if (tokens.length > capacity - length) {
      throw new IllegalStateException("all " + capacity + " places of the cache are taken");
    }
    try (NDManager scratch = manager.newSubManager()) {
      NDArray logits = length == 0 ? prefill(scratch, tokens) : decode(scratch, tokens[0], length);
      for (int i = length == 0 ? tokens.length : 1; i < tokens.length; i++) {
        logits = decode(scratch, tokens[i], length + i);
      }
      float[] values = logits.toFloatArray();
      length += tokens.length;
      return values;
    }
  }

  private NDArray prefill(NDManager results, int... tokens) {
    return decoder.prefill(results, results.create(tokens), latents, keys);
  }

  private NDArray decode(NDManager results, int token, int position) {
    return decoder.decode(results, token, position, latents, keys);
  }

  /**
   * Reads a token of each of several sequences in one call.
   *
   * @param decoder of all of them
   * @param caches at least one; each has read tokens and has room
   * @param tokens one for each
   * @return logits [V] of the token after each
   */
  static List<float[]> readTogether(Decoder decoder, List<LatentCache> caches, long... tokens) {
    NDList latents = new NDList();
    NDList keys = new NDList();
    long[] positions = new long[tokens.length];
    for (int i = 0; i < tokens.length; i++) {
      LatentCache cache = caches.get(i);
      if (cache.length == 0 || cache.length == cache.capacity) {
        throw new IllegalStateException(
            "a cache has read %d of %d tokens".formatted(cache.length, cache.capacity));
      }
      latents.add(cache.latents);
      keys.add(cache.keys);
      positions[i] = cache.length;
    }
    try (NDManager scratch = caches.getFirst().manager.newSubManager()) {
      float[] logits =
          decoder.decodeTogether(scratch, tokens, positions, latents, keys).toFloatArray();
      caches.forEach(cache -> cache.length++);
      int vocabulary = logits.length / tokens.length;
      return IntStream.range(0, tokens.length)
          .mapToObj(i -> Arrays.copyOfRange(logits, i * vocabulary, (i + 1) * vocabulary))
          .toList();
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
