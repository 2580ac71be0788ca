package io.millrace.language.generate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.model.Decoder;
import io.millrace.language.model.Said;
import java.util.List;

/** Memory of a sequence alone, which a processor reads where it lies. */
final class OwnMemory implements CacheMemory {

  private final Decoder decoder;
  private final NDManager manager;
  private final NDArray latents; // [L, P, C]
  private final NDArray keys; // [L, P, R]
  private final int capacity;

  /**
   * Empty memory.
   *
   * @param manager of it; closed with it
   * @param capacity P, tokens that it has room for
   */
  OwnMemory(Decoder decoder, NDManager manager, int capacity) {
    this.decoder = decoder;
    this.manager = manager;
    this.capacity = capacity;
    LanguageConfig config = decoder.config();
    int layers = config.numHiddenLayers();
    this.latents =
        manager.zeros(new Shape(layers, capacity, config.kvLoraRank()), DataType.FLOAT32);
    this.keys =
        manager.zeros(new Shape(layers, capacity, config.qkRopeHeadDim()), DataType.FLOAT32);
  }

  @Override
  public int capacity() {
    return capacity;
  }

  @Override
  public float[] prefill(int... prompt) {
    try (NDManager scratch = manager.newSubManager()) {
      return decoder.prefill(scratch, scratch.create(prompt), latents, keys).toFloatArray();
    }
  }

  @Override
  public float[] decode(int token, int position) {
    try (NDManager scratch = manager.newSubManager()) {
      return decoder.decode(scratch, token, position, latents, keys).toFloatArray();
    }
  }

  /** What is said after a token of each of several sequences; logits, which are there anyway. */
  static Said decodeTogether(List<OwnMemory> memories, long[] tokens, long[] positions) {
    NDList latents = new NDList();
    NDList keys = new NDList();
    for (OwnMemory memory : memories) {
      latents.add(memory.latents);
      keys.add(memory.keys);
    }
    OwnMemory first = memories.getFirst();
    try (NDManager scratch = first.manager.newSubManager()) {
      float[] logits =
          first.decoder.decodeTogether(scratch, tokens, positions, latents, keys).toFloatArray();
      return new Said(logits, new int[0]);
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
