package io.millrace.standalone.terminal;

/**
 * Something the person at the command line can put right; the message is one line saying what and
 * how.
 */
public final class UserError extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** A reason. */
  public UserError(String message) {
    super(message);
  }

  /** A reason and what lies behind it. */
  public UserError(String message, Throwable cause) {
    super(message, cause);
  }
}
