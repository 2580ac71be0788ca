package io.millrace.inference.generate;

import org.jspecify.annotations.Nullable;

/** What a completion says next. */
public sealed interface Piece {

  /** More text of a choice, never empty; {@code tokens} generated so far for it. */
  record Text(int choice, String text, int tokens) implements Piece {}

  /** The end of a choice. */
  record End(int choice, FinishReason reason, int tokens) implements Piece {}

  /** The completion cannot go on. */
  record Failed(Throwable cause) implements Piece {}

  /** Why a choice ended. */
  enum FinishReason {
    /** The model ended the document or its turn, or a stop text came. */
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

  /** The texts of two pieces as one; null unless both are text of one choice. */
  static @Nullable Text joined(Piece first, Piece second) {
    return first instanceof Text a && second instanceof Text b && a.choice() == b.choice()
        ? new Text(a.choice(), a.text() + b.text(), b.tokens())
        : null;
  }
}
