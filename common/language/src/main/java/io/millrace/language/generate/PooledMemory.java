package io.millrace.language.generate;

import java.util.List;

/** Neighbouring rows of a {@link CachePool}. */
final class PooledMemory implements CacheMemory {

  private final CachePool pool;
  private final int first;
  private final int capacity;
  private boolean closed;

  /**
   * Takes rows of a pool.
   *
   * @param capacity tokens that it has room for
   */
  PooledMemory(CachePool pool, int capacity) {
    this.pool = pool;
    this.first = pool.take(capacity);
    this.capacity = capacity;
  }

  @Override
  public int capacity() {
    return capacity;
  }

  @Override
  public float[] prefill(int... prompt) {
    return pool.prefill(first, prompt);
  }

  @Override
  public float[] decode(int token, int position) {
    return decodeTogether(List.of(this), new long[] {token}, new long[] {position});
  }

  /** Logits [B, V] after a token of each of several sequences of one pool. */
  static float[] decodeTogether(List<PooledMemory> memories, long[] tokens, long[] positions) {
    long[] firsts = memories.stream().mapToLong(memory -> memory.first).toArray();
    return memories.getFirst().pool.decode(tokens, positions, firsts);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      pool.giveBack(first, capacity);
    }
  }
}
