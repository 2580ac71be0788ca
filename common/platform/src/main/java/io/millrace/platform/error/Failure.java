package io.millrace.platform.error;

import io.millrace.input.WellFormedText;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a caller is told about a failure.
 *
 * @param code what kind
 * @param message for people, shortened to what they read
 * @param parameter the field or parameter that is to blame; null if no single one is, for which an
 *     empty name stands too
 * @param headers of the HTTP answer, e.g. {@code Allow}
 */
record Failure(
    ErrorCode code, String message, @Nullable String parameter, Map<String, String> headers) {

  private static final int LONGEST_MESSAGE = 2000;
  private static final int LONGEST_PARAMETER = 200;

  Failure {
    message = readable(message, LONGEST_MESSAGE);
    parameter =
        parameter == null || parameter.isEmpty() ? null : readable(parameter, LONGEST_PARAMETER);
    headers = Map.copyOf(headers);
  }

  Failure(ErrorCode code, String message, @Nullable String parameter) {
    this(code, message, parameter, Map.of());
  }

  Failure(ErrorCode code, String message) {
    this(code, message, null);
  }

  /** What callers may have made of a text, as people can read it. */
  private static String readable(String text, int longest) {
    return Shortened.to(longest, Shortened.inALine(WellFormedText.repaired(text)));
  }
}
