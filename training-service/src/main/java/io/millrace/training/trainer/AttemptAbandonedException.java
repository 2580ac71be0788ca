package io.millrace.training.trainer;

/** An attempt ended early, but the next one may get further: the run is left to be taken over. */
final class AttemptAbandonedException extends Exception {
  private static final long serialVersionUID = 1L;

  AttemptAbandonedException(String message, Throwable cause) {
    super(message, cause);
  }
}
