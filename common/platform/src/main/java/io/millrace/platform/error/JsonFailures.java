package io.millrace.platform.error;

import io.millrace.input.JsonMistake;
import org.springframework.http.converter.HttpMessageNotReadableException;
import tools.jackson.core.JacksonException;

/** Says which field of a JSON body is wrong, where, and what was expected. */
public final class JsonFailures {

  private JsonFailures() {}

  static Failure of(HttpMessageNotReadableException unreadable) {
    JacksonException cause = Failures.find(JacksonException.class, unreadable);
    if (cause == null) {
      return new Failure(ErrorCode.INVALID_ARGUMENT, "the body is missing or cannot be read");
    }
    return of(cause);
  }

  /** An INVALID_ARGUMENT about JSON that a client wrote; names the field. */
  public static MillraceException invalid(JacksonException cause) {
    Failure failure = of(cause);
    return new MillraceException(failure.code(), failure.message(), failure.parameter(), cause);
  }

  private static Failure of(JacksonException cause) {
    JsonMistake mistake = JsonMistake.of(cause, "the body");
    return new Failure(ErrorCode.INVALID_ARGUMENT, mistake.message(), mistake.path());
  }
}
