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
    message = Shortened.to(LONGEST_MESSAGE, Shortened.inALine(WellFormedText.repaired(message)));
    parameter =
        parameter == null || parameter.isEmpty()
            ? null
            : Shortened.to(
                LONGEST_PARAMETER, Shortened.inALine(WellFormedText.repaired(parameter)));
    headers = Map.copyOf(headers);
  }

  Failure(ErrorCode code, String message, @Nullable String parameter) {
    this(code, message, parameter, Map.of());
  }

  Failure(ErrorCode code, String message) {
    this(code, message, null);
  }
}
