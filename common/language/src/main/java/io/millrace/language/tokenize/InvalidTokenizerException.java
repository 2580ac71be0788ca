package io.millrace.language.tokenize;

/** A tokenizer.json that cannot be used; the message names the key and what is wrong with it. */
public final class InvalidTokenizerException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  InvalidTokenizerException(String message) {
    super("tokenizer.json: " + message);
  }

  InvalidTokenizerException(String message, Throwable cause) {
    super("tokenizer.json: " + message, cause);
  }
}
