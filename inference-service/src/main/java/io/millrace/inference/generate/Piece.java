package io.millrace.inference.generate;

import org.jspecify.annotations.Nullable;

/** What a completion says next. */
public sealed interface Piece {

  /** More text, never empty; {@code tokens} generated so far. */
  record Text(String text, int tokens) implements Piece {}

  /** The end. */
  record End(FinishReason reason, int tokens) implements Piece {}

  /** It cannot go on. */
  record Failed(Throwable cause) implements Piece {}

  /** Why a completion ended. */
  enum FinishReason {
    /** The model ended the document, or a stop text came. */
    STOP("stop"),
    /** The limit of tokens. */
    LENGTH("length");

    private final String code;

    FinishReason(String code) {
      this.code = code;
    }

    /** As OpenAI spells it. */
    public String code() {
      return code;
    }
  }

  /** The texts of two pieces as one; null unless both are text. */
  static @Nullable Text joined(Piece first, Piece second) {
    return first instanceof Text a && second instanceof Text b
        ? new Text(a.text() + b.text(), b.tokens())
        : null;
  }
}
