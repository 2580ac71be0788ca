package io.millrace.vision.picture;

/**
 * A file is not a picture that can be read; the message names the file, what is wrong and what to
 * do.
 */
public final class InvalidPictureException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  InvalidPictureException(String message) {
    super(message);
  }

  InvalidPictureException(String message, Throwable cause) {
    super(message, cause);
  }
}
