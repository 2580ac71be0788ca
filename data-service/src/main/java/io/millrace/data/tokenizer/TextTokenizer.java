package io.millrace.data.tokenizer;

/** What preparation asks of a tokenizer. */
public interface TextTokenizer {
  /** The tokens of a text, in which nothing stands for a special token. */
  int[] encode(String text);

  /** The token that ends every document. */
  int endOfDocument();

  /** Number of tokens. */
  int vocabSize();
}
