package io.millrace.vision.annotation;

/** Annotations that cannot be read at all; the message names file and reason. */
public final class InvalidAnnotationException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  InvalidAnnotationException(String message) {
    super(message);
  }

  InvalidAnnotationException(String message, Throwable cause) {
    super(message, cause);
  }
}
