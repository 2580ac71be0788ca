package io.millrace.platform.event;

/** A record that can never be processed, however often it is tried. */
public final class MalformedEventException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Why, for the headers of the dead letter. */
  public MalformedEventException(String message) {
    super(message);
  }

  /** Why, for the headers of the dead letter. */
  public MalformedEventException(String message, Throwable cause) {
    super(message, cause);
  }
}
