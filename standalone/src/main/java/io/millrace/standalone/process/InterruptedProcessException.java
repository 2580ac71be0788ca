package io.millrace.standalone.process;

/** Something was not begun because the process has been told to end. */
public final class InterruptedProcessException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  InterruptedProcessException() {
    super("interrupted");
  }
}
