package io.millrace.platform.web;

import io.millrace.platform.error.MillraceException;

/**
 * Refuses JSON with half of a surrogate pair while it is read. UTF-8 has no such character, so a
 * text with one could not be kept, nor said in an answer. A backslash is always part of a text, so
 * the texts need not be found first.
 */
final class SurrogateCheck {
  private static final int PLAIN = -2;
  private static final int BACKSLASH = -1;
  private static final int DIGITS = 4;

  private long at;

  /** {@link #PLAIN}, {@link #BACKSLASH}, or how many digits of a code have been read. */
  private int state = PLAIN;

  private int code;
  private boolean pairBegun;
  private int before;

  /**
   * Looks at the next bytes.
   *
   * @throws MillraceException INVALID_ARGUMENT
   */
  void check(byte[] bytes, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      check(bytes[i] & 0xff);
      at++;
    }
  }

  private void check(int letter) {
    switch (state) {
      case PLAIN -> plain(letter);
      case BACKSLASH -> {
        if (letter == 'u') {
          state = 0;
          code = 0;
        } else {
          requireNoPair();
          state = PLAIN;
        }
      }
      default -> digit(letter);
    }
    before = letter;
  }

  private void plain(int letter) {
    if (letter == '\\') {
      state = BACKSLASH;
      return;
    }
    requireNoPair();
    if (before == 0xed && letter >= 0xa0) {
      throw half("its own bytes");
    }
  }

  private void digit(int letter) {
    int digit = Character.digit(letter, 16);
    if (digit < 0) {
      // Not JSON: whoever reads it says so.
      state = PLAIN;
      return;
    }
    code = 16 * code + digit;
    state++;
    if (state < DIGITS) {
      return;
    }
    state = PLAIN;
    boolean second = Character.isLowSurrogate((char) code);
    if (pairBegun != second) {
      throw half("\\u%04x".formatted(code));
    }
    pairBegun = Character.isHighSurrogate((char) code);
  }

  private void requireNoPair() {
    if (pairBegun) {
      throw half("\\u%04x".formatted(code));
    }
  }

  private MillraceException half(String what) {
    return MillraceException.invalid(
        "",
        "the body has half of a surrogate pair (%s) before byte %d; that is no character"
            .formatted(what, at + 1));
  }
}
