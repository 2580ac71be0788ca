package io.millrace.training.stream;

/** Reading ahead ended for a reason that another attempt may not meet, e.g. a lack of memory. */
public final class PrefetchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  PrefetchException(Throwable cause) {
    super("reading batches ended: " + cause, cause);
  }
}
