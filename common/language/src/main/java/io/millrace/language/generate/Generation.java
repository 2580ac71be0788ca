package io.millrace.language.generate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.model.Decoder;
import java.util.OptionalInt;

/** One prompt being continued, a token a call; to be closed, at the end or before. */
public final class Generation implements AutoCloseable {

  private final Decoder decoder;
  private final NDManager manager;
  private final Sampler sampler;
  private final NDArray latents;
  private final NDArray keys;
  private final int capacity;
  private int length;

  /** The last token, if it was chosen but not read. */
  private OptionalInt unread = OptionalInt.empty();

  private float[] logits;

  Generation(Decoder decoder, NDManager manager, int[] prompt, int maxTokens, Sampler sampler) {
    this.decoder = decoder;
    this.manager = manager;
    this.sampler = sampler;
    this.capacity = prompt.length + maxTokens;
    LanguageConfig config = decoder.config();
    int layers = config.numHiddenLayers();
    this.latents =
        manager.zeros(new Shape(layers, capacity, config.kvLoraRank()), DataType.FLOAT32);
    this.keys =
        manager.zeros(new Shape(layers, capacity, config.qkRopeHeadDim()), DataType.FLOAT32);
    this.length = prompt.length;
    try (NDManager scratch = manager.newSubManager()) {
      this.logits =
          decoder
              .call(scratch, false, "prefill", scratch.create(prompt), latents, keys)
              .singletonOrThrow()
              .toFloatArray();
    }
  }

  /** Logits of the token to come, one a vocabulary entry; not a copy. */
  public float[] logits() {
    if (unread.isPresent()) {
      try (NDManager scratch = manager.newSubManager()) {
        this.logits =
            decoder.decode(scratch, unread.getAsInt(), length - 1, latents, keys).toFloatArray();
      }
      unread = OptionalInt.empty();
    }
    return logits;
  }

  /**
   * Chooses the next token. It is read when the one after it is asked for: nobody may.
   *
   * @throws IllegalStateException if as many tokens as announced were generated
   */
  public int next() {
    if (length >= capacity) {
      throw new IllegalStateException("all " + capacity + " places of the cache are taken");
    }
    int token = sampler.next(logits());
    unread = OptionalInt.of(token);
    length++;
    return token;
  }

  @Override
  public void close() {
    manager.close();
  }
}
