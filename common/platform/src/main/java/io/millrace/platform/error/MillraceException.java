package io.millrace.platform.error;

import org.jspecify.annotations.Nullable;

/**
 * A failure with an {@link ErrorCode} and a message that is meant for the caller: what is wrong,
 * where, and what to do. The platform renders it for REST and gRPC.
 */
public final class MillraceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final @Nullable String parameter;

  /** A failure that no single request parameter is to blame for. */
  public MillraceException(ErrorCode code, String message) {
    this(code, message, null, null);
  }

  /** A failure with its cause; callers see the message only. */
  public MillraceException(ErrorCode code, String message, @Nullable Throwable cause) {
    this(code, message, null, cause);
  }

  /**
   * A failure.
   *
   * @param parameter the request's field or parameter that is to blame, as the client spells it
   */
  public MillraceException(
      ErrorCode code, String message, @Nullable String parameter, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
    this.parameter = parameter;
  }

  /** An {@link ErrorCode#INVALID_ARGUMENT} about one parameter. */
  public static MillraceException invalid(String parameter, String message) {
    return new MillraceException(ErrorCode.INVALID_ARGUMENT, message, parameter, null);
  }

  /** A {@link ErrorCode#NOT_FOUND}, e.g. {@code notFound("dataset", "books")}. */
  public static MillraceException notFound(String kind, Object name) {
    return new MillraceException(ErrorCode.NOT_FOUND, kind + " '" + name + "' does not exist");
  }

  /** An {@link ErrorCode#ALREADY_EXISTS}, e.g. {@code alreadyExists("dataset", "books")}. */
  public static MillraceException alreadyExists(String kind, Object name) {
    return new MillraceException(ErrorCode.ALREADY_EXISTS, kind + " '" + name + "' exists already");
  }

  /** A {@link ErrorCode#FAILED_PRECONDITION}. */
  public static MillraceException precondition(String message) {
    return new MillraceException(ErrorCode.FAILED_PRECONDITION, message);
  }

  /** An {@link ErrorCode#UNAVAILABLE}. */
  public static MillraceException unavailable(String message) {
    return new MillraceException(ErrorCode.UNAVAILABLE, message);
  }

  /** What kind of failure. */
  public ErrorCode code() {
    return code;
  }

  /** The request's field or parameter that is to blame. */
  public @Nullable String parameter() {
    return parameter;
  }

  /** The message, which is never null here. */
  @Override
  public String getMessage() {
    String message = super.getMessage();
    return message == null ? code.code() : message;
  }
}
