package io.millrace.training.stream;

/** A dataset cannot be read as its snapshot says; the message is meant for the run's owner. */
public final class StreamException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StreamException(String message) {
    super(message);
  }

  StreamException(String message, Throwable cause) {
    super(message, cause);
  }
}
