package io.millrace.language.generate;

/** Where the cache of a sequence lies, and how it is read and added to. Logits are [V]. */
sealed interface CacheMemory extends AutoCloseable permits OwnMemory, PooledMemory {

  /** Tokens that there is room for. */
  int capacity();

  /** Logits after a prompt, which is written from position 0. */
  float[] prefill(int... prompt);

  /** Logits after one more token, which is written at a position. */
  float[] decode(int token, int position);

  @Override
  void close();
}
