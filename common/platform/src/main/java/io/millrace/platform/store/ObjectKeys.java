package io.millrace.platform.store;

import io.millrace.platform.error.MillraceException;
import java.util.regex.Pattern;

/** The grammar of keys; it leaves nothing for a path to escape with. */
public final class ObjectKeys {
  private static final int MAX_PARTS = 16;
  private static final Pattern KEY =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}(/[A-Za-z0-9][A-Za-z0-9._-]{0,127})*");

  private ObjectKeys() {}

  /**
   * The key itself if it is one.
   *
   * @throws MillraceException INVALID_ARGUMENT if it is not
   */
  public static String require(String key) {
    if (!isKey(key)) {
      throw MillraceException.invalid(
          "key",
          "not an object key: up to "
              + MAX_PARTS
              + " parts of A-Z, a-z, 0-9, '.', '_', '-', beginning with a letter or digit,"
              + " divided by '/'");
    }
    return key;
  }

  /** Whether it is a key. */
  public static boolean isKey(String key) {
    // The length is checked first because the expression recurses over the parts.
    return key.length() <= MAX_PARTS * 129
        && KEY.matcher(key).matches()
        && key.chars().filter(c -> c == '/').count() < MAX_PARTS;
  }
}
