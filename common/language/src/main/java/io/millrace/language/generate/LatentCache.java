package io.millrace.language.generate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.model.Decoder;

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
    return decoder
        .call(results, false, "prefill", results.create(tokens), latents, keys)
        .singletonOrThrow();
  }

  private NDArray decode(NDManager results, int token, int position) {
    return decoder.decode(results, token, position, latents, keys);
  }

  @Override
  public void close() {
    manager.close();
  }
}
