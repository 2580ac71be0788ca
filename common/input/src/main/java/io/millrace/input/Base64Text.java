package io.millrace.input;

import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Bytes as text (RFC 4648, section 4), with or without the signs at the end that fill it up. */
public final class Base64Text {

  private static final Pattern FOREIGN = Pattern.compile("[^A-Za-z0-9+/=]");

  private Base64Text() {}

  /**
   * The bytes.
   *
   * @throws IllegalArgumentException if it is none, saying where
   */
  public static byte[] decode(String text) {
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      Matcher foreign = FOREIGN.matcher(text);
      throw foreign.find()
          ? new IllegalArgumentException(
              "%s at place %d is none of A to Z, a to z, 0 to 9, + and /"
                  .formatted(
                      Character.getName(text.codePointAt(foreign.start())), foreign.start() + 1),
              e)
          : e;
    }
  }
}
