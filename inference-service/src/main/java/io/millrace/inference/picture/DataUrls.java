package io.millrace.inference.picture;

import io.millrace.input.Base64Text;
import io.millrace.platform.error.MillraceException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Pictures as clients put them into JSON: data URLs, or base64 alone. Other URLs are not fetched.
 */
public final class DataUrls {
  private static final Pattern HEAD =
      Pattern.compile("data:image/(png|jpeg);base64,", Pattern.CASE_INSENSITIVE);
  private static final int LONGEST_HEAD = 64;

  private DataUrls() {}

  /**
   * The bytes of a picture.
   *
   * @param field that it came in
   * @param name of the value, for messages
   * @throws MillraceException INVALID_ARGUMENT if it is another URL, or not base64
   */
  public static byte[] decode(String field, String name, @Nullable String given) {
    String text = given == null ? "" : given;
    Matcher head = HEAD.matcher(text.substring(0, Math.min(text.length(), LONGEST_HEAD)));
    boolean found = head.lookingAt();
    if (!found && text.indexOf(':') >= 0) {
      throw MillraceException.invalid(
          field,
          name + " must be a data URL (data:image/png;base64,...) or base64; no URL is fetched");
    }
    try {
      byte[] bytes = Base64Text.decode(found ? text.substring(head.end()) : text);
      if (bytes.length == 0) {
        throw MillraceException.invalid(field, name + " is empty");
      }
      return bytes;
    } catch (IllegalArgumentException e) {
      throw MillraceException.invalid(
          field,
          "%s is not the base64 form of a PNG or JPEG file: %s".formatted(name, e.getMessage()));
    }
  }
}
