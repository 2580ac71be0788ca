package io.millrace.standalone.demo;

/** A stage of the demonstration that did not really happen; the message says which and why. */
final class StageFailure extends RuntimeException {

  private static final long serialVersionUID = 1L;

  StageFailure(String stage, String reason) {
    super(stage + ": " + reason);
  }

  StageFailure(String stage, String reason, Throwable cause) {
    super(stage + ": " + reason, cause);
  }
}
