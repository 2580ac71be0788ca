package io.millrace.input;

import java.util.regex.Pattern;

/**
 * Numbers as people write them: digits, a point, an exponent. Java's own parsers take hexadecimal
 * numbers, suffixes such as {@code 0.5f}, digits of other scripts and {@code NaN} besides.
 */
public final class PlainNumber {

  private static final Pattern WHOLE = Pattern.compile("[+-]?[0-9]+");
  private static final Pattern DECIMAL =
      Pattern.compile("[+-]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?");

  private PlainNumber() {}

  /**
   * A finite number.
   *
   * @throws NumberFormatException if the text is none
   */
  public static double decimal(String text) {
    require(DECIMAL, text);
    double value = Double.parseDouble(text);
    if (Double.isInfinite(value)) {
      throw new NumberFormatException("too large: " + text);
    }
    return value;
  }

  /**
   * A whole number of 32 bits.
   *
   * @throws NumberFormatException if the text is none
   */
  public static int whole(String text) {
    require(WHOLE, text);
    return Integer.parseInt(text);
  }

  /**
   * A whole number of 64 bits.
   *
   * @throws NumberFormatException if the text is none
   */
  public static long large(String text) {
    require(WHOLE, text);
    return Long.parseLong(text);
  }

  private static void require(Pattern form, String text) {
    if (!form.matcher(text).matches()) {
      throw new NumberFormatException("not a number: " + text);
    }
  }
}
