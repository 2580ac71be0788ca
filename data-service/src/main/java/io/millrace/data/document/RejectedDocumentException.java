package io.millrace.data.document;

/** A document that can never be prepared; it goes to the dead letters with this reason. */
public final class RejectedDocumentException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String reason;

  /** The reason, for whoever sent the document. */
  public RejectedDocumentException(String reason) {
    super(reason);
    this.reason = reason;
  }

  /** The reason, for whoever sent the document, and its cause. */
  public RejectedDocumentException(String reason, Throwable cause) {
    super(reason, cause);
    this.reason = reason;
  }

  /** Why. */
  public String reason() {
    return reason;
  }
}
