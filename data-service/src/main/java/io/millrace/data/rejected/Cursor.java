package io.millrace.data.rejected;

import io.millrace.platform.error.MillraceException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place among the dead letters of a dataset, as text {@code partition-offset}.
 *
 * @param partition of the topic
 * @param offset of the first letter that is wanted
 */
public record Cursor(int partition, long offset) {
  private static final Pattern TEXT = Pattern.compile("(\\d{1,9})-(\\d{1,18})");

  /** Before the first letter. */
  public static final Cursor BEGIN = new Cursor(0, 0);

  /**
   * Reads the text; empty stands for the beginning.
   *
   * @throws MillraceException INVALID_ARGUMENT if it is none
   */
  public static Cursor parse(String text) {
    if (text.isEmpty()) {
      return BEGIN;
    }
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw MillraceException.invalid(
          "after", "after must be the 'next' of an earlier answer, not '" + text + "'");
    }
    return new Cursor(Integer.parseInt(matcher.group(1)), Long.parseLong(matcher.group(2)));
  }

  @Override
  public String toString() {
    return partition + "-" + offset;
  }
}
