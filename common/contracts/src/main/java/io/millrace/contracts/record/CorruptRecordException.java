package io.millrace.contracts.record;

/** A prepared record does not keep its own promises: wrong checksum, sizes or document starts. */
public final class CorruptRecordException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** An exception that says what is wrong with which record. */
  public CorruptRecordException(String message) {
    super(message);
  }

  /** An exception for bytes that are not even a message. */
  public CorruptRecordException(String message, Throwable cause) {
    super(message, cause);
  }
}
