package io.millrace.platform.name;

import io.millrace.platform.error.MillraceException;
import java.util.regex.Pattern;

/**
 * Names of datasets, models and the like: {@code [a-z0-9][a-z0-9-]{0,62}}.
 *
 * <p>Such a name is safe as part of a topic, an object key, a URL path and a metric tag. Dots are
 * out because {@code books.heldout} would be the held-out topic of {@code books}.
 */
public final class Names {
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

  private Names() {}

  /**
   * The name itself if it is one.
   *
   * @param parameter what the name is for, as the client spells it, e.g. {@code dataset}
   * @throws MillraceException INVALID_ARGUMENT if it is not
   */
  public static String require(String parameter, String name) {
    if (!isName(name)) {
      throw MillraceException.invalid(
          parameter,
          parameter
              + " is not a name: "
              + quote(name)
              + "; a name has 1 to 63 characters of a-z, 0-9 and '-' and does not begin with '-'");
    }
    return name;
  }

  /** Whether it is a name. */
  public static boolean isName(String name) {
    return NAME.matcher(name).matches();
  }

  private static String quote(String name) {
    StringBuilder quoted = new StringBuilder("'");
    name.codePoints()
        .limit(80)
        .forEach(c -> {
          if (Character.isISOControl(c)) {
            quoted.append(String.format("\\u%04x", c));
          } else {
            quoted.appendCodePoint(c);
          }
        });
    return quoted.append(name.codePointCount(0, name.length()) > 80 ? "...'" : "'").toString();
  }
}
