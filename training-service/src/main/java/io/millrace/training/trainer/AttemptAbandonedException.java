package io.millrace.training.trainer;

/** An attempt cannot go on, but the next one may: the run is left to whoever takes it over. */
final class AttemptAbandonedException extends Exception {
  private static final long serialVersionUID = 1L;

  AttemptAbandonedException(String message, Throwable cause) {
    super(message, cause);
  }
}
