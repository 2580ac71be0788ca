package io.millrace.data.document;

import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import org.jspecify.annotations.Nullable;

/**
 * A document that breaks a rule. An upload is refused because of it; a record that another producer
 * wrote goes to the dead letters with the reason.
 */
public final class RejectedDocumentException extends Exception {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final String field;
  private final String reason;

  /**
   * A reason for whoever sent the document.
   *
   * @param field of the document that is to blame; empty if no single one is
   */
  public RejectedDocumentException(String field, String reason) {
    this(ErrorCode.INVALID_ARGUMENT, field, reason, null);
  }

  /** A reason that no single field is to blame for. */
  public RejectedDocumentException(String reason) {
    this("", reason);
  }

  /** A reason that no single field is to blame for, and its cause. */
  public RejectedDocumentException(String reason, Throwable cause) {
    this(ErrorCode.INVALID_ARGUMENT, "", reason, cause);
  }

  private RejectedDocumentException(
      ErrorCode code, String field, String reason, @Nullable Throwable cause) {
    super(reason, cause);
    this.code = code;
    this.field = field;
    this.reason = reason;
  }

  /** A document that is larger than it may be. */
  static RejectedDocumentException tooLarge(String reason) {
    return new RejectedDocumentException(ErrorCode.PAYLOAD_TOO_LARGE, "", reason, null);
  }

  /** The same as an API would refuse it. */
  static RejectedDocumentException of(MillraceException refusal) {
    String field = refusal.parameter();
    return new RejectedDocumentException(
        refusal.code(), field == null ? "" : field, refusal.getMessage(), refusal);
  }

  /** Why. */
  public String reason() {
    return reason;
  }

  /** The same for the caller of an API. */
  public MillraceException refusal() {
    return new MillraceException(code, reason, field.isEmpty() ? null : field, this);
  }
}
