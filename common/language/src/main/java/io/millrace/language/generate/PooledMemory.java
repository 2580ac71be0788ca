package io.millrace.language.generate;

import io.millrace.language.model.Chance;
import io.millrace.language.model.Said;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
    long[] tokens = {token};
    long[] positions = {position};
    return decodeTogether(List.of(this), tokens, positions, /* chance= */ null).logits();
  }

  /** What is said after a token of each of several sequences of one pool. */
  static Said decodeTogether(
      List<PooledMemory> memories, long[] tokens, long[] positions, @Nullable Chance chance) {
    long[] firsts = memories.stream().mapToLong(memory -> memory.first).toArray();
    return memories.getFirst().pool.decode(tokens, positions, firsts, chance);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      pool.giveBack(first, capacity);
    }
  }
}
