package io.millrace.input;

/**
 * Texts that can be kept: JSON can spell half of a surrogate pair, which UTF-8 cannot, and a zero
 * character, which PostgreSQL does not store. Either would be changed on its way without a word.
 */
public final class WellFormedText {
  private static final char REPLACEMENT = '\uFFFD';

  private WellFormedText() {}

  /** What of a text cannot be kept, and where; empty if nothing is wrong. */
  public static String faultOf(String text) {
    int zero = text.indexOf('\0');
    int half = halfAt(text, 0);
    if (zero >= 0 && (half < 0 || zero < half)) {
      return "a NUL character at position " + zero;
    }
    return half < 0
        ? ""
        : "half a surrogate pair (\\u%04x) at position %d".formatted((int) text.charAt(half), half);
  }

  /** The text with U+FFFD for every half of a surrogate pair. */
  public static String repaired(String text) {
    int at = halfAt(text, 0);
    if (at < 0) {
      return text;
    }
    StringBuilder repaired = new StringBuilder(text);
    for (; at >= 0; at = halfAt(text, at + 1)) {
      repaired.setCharAt(at, REPLACEMENT);
    }
    return repaired.toString();
  }

  private static int halfAt(String text, int from) {
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        return i;
      }
    }
    return -1;
  }
}
