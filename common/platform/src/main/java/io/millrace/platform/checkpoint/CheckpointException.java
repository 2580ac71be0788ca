package io.millrace.platform.checkpoint;

/** A checkpoint is not what its manifest says; it must not be used. */
public final class CheckpointException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CheckpointException(String location, String file, String expected, String found) {
    super(location + "/" + file + ": expected " + expected + ", found " + found);
  }
}
