package io.millrace.platform.checkpoint;

/** A checkpoint is not what its manifest says; it must not be used. */
public final class CheckpointException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean missing;

  CheckpointException(String location, String file, String expected, String found) {
    this(location, file, expected, found, /* missing= */ false);
  }

  private CheckpointException(
      String location, String file, String expected, String found, boolean missing) {
    super(location + "/" + file + ": expected " + expected + ", found " + found);
    this.missing = missing;
  }

  static CheckpointException missing(String location, String file) {
    return new CheckpointException(location, file, "a file", "none", /* missing= */ true);
  }

  /** Whether a file is not there, which on a shared file system may only be late. */
  public boolean isMissing() {
    return missing;
  }
}
