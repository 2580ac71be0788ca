package io.millrace.language.tokenize;

import java.util.List;

/** Special tokens that tokenizers trained here have, in the order of their ids. */
public final class SpecialTokens {

  /** End of a document; the name that GPT-2 gave it. */
  public static final String END_OF_TEXT = "<|endoftext|>";

  /** Begins what a user says. */
  public static final String USER = "<|user|>";

  /** Begins what the model says. */
  public static final String ASSISTANT = "<|assistant|>";

  /** Begins instructions to the model. */
  public static final String SYSTEM = "<|system|>";

  /** All of them. */
  public static final List<String> ALL = List.of(END_OF_TEXT, USER, ASSISTANT, SYSTEM);

  private SpecialTokens() {}
}
