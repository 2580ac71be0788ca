package io.millrace.platform.error;

/**
 * Texts that callers make longer than anybody reads: what is wrong with a name says the name.
 *
 * <p>Over gRPC such texts are trailers. Trailers beyond the receiver's limit end its whole
 * connection, with the streams of all other callers on it.
 */
final class Shortened {
  private static final String REST = "...";

  /** Bytes of a status text as it is sent, of the 8,192 that a client takes as all trailers. */
  private static final int MOST_SENT = 4096;

  private Shortened() {}

  /** The beginning of a text, at most so many characters, with dots if that is not all of it. */
  static String to(int length, String text) {
    return text.length() > length ? text.substring(0, border(text, length)) + REST : text;
  }

  /** The text with control characters as JSON spells them: no name of a caller's begins a line. */
  static String inALine(String text) {
    if (text.chars().noneMatch(Character::isISOControl)) {
      return text;
    }
    StringBuilder line = new StringBuilder();
    for (char c : text.toCharArray()) {
      if (c == '\n') {
        line.append("\\n");
      } else if (Character.isISOControl(c)) {
        line.append("\\u%04x".formatted((int) c));
      } else {
        line.append(c);
      }
    }
    return line.toString();
  }

  /** The beginning of a text, as much of it as a status over gRPC may have. */
  static String forStatus(String text) {
    int sent = 0;
    for (int at = 0; at < text.length(); at += Character.charCount(text.codePointAt(at))) {
      sent += sentBytes(text.codePointAt(at));
      if (sent > MOST_SENT) {
        return text.substring(0, at) + REST;
      }
    }
    return text;
  }

  /** Status texts are UTF-8, each byte outside of printable ASCII written as {@code %XX}. */
  private static int sentBytes(int codePoint) {
    if (codePoint >= ' ' && codePoint <= '~' && codePoint != '%') {
      return 1;
    }
    return 3 * (codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4);
  }

  /** Not between the halves of a surrogate pair. */
  private static int border(String text, int length) {
    return Character.isHighSurrogate(text.charAt(length - 1)) ? length - 1 : length;
  }
}
