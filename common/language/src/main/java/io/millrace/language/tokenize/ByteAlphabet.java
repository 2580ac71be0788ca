package io.millrace.language.tokenize;

/**
 * The letters that stand for bytes in a byte-level vocabulary: printable Latin-1 bytes stand for
 * themselves, the others for the letters from U+0100 on (GPT-2's convention).
 */
final class ByteAlphabet {

  private static final char[] LETTERS = letters();
  private static final int[] BYTES = bytes();

  private ByteAlphabet() {}

  /** The letter of a byte (0 to 255). */
  static char letter(int unsigned) {
    return LETTERS[unsigned];
  }

  /** The byte of a letter, -1 if it is none. */
  static int unsigned(char letter) {
    return letter < BYTES.length ? BYTES[letter] : -1;
  }

  /** Letters of all bytes. */
  static String spell(byte[] bytes) {
    char[] text = new char[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      text[i] = LETTERS[bytes[i] & 0xff];
    }
    return new String(text);
  }

  private static char[] letters() {
    char[] letters = new char[256];
    char next = 256;
    for (int b = 0; b < 256; b++) {
      boolean printable = (b >= '!' && b <= '~') || (b >= 0xa1 && b <= 0xac) || b >= 0xae;
      letters[b] = printable ? (char) b : next++;
    }
    return letters;
  }

  private static int[] bytes() {
    int[] bytes = new int[512];
    java.util.Arrays.fill(bytes, -1);
    for (int b = 0; b < 256; b++) {
      bytes[LETTERS[b]] = b;
    }
    return bytes;
  }
}
