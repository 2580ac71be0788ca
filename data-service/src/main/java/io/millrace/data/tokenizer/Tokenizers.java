package io.millrace.data.tokenizer;

import java.util.function.IntConsumer;

/** Reads and trains tokenizers. */
public interface Tokenizers {
  /**
   * Reads a tokenizer.json.
   *
   * @throws IllegalArgumentException if it is none, or one that cannot be used here
   */
  TextTokenizer read(byte[] json);

  /**
   * Trains byte-level BPE.
   *
   * @param merges told how many merges were learned so far
   * @return its tokenizer.json
   * @throws InterruptedException if the thread was interrupted
   */
  byte[] train(Iterable<String> texts, int vocabSize, IntConsumer merges)
      throws InterruptedException;
}
