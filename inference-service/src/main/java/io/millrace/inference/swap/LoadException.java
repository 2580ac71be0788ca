package io.millrace.inference.swap;

import org.jspecify.annotations.Nullable;

/** A version was not loaded. */
final class LoadException extends Exception {
  private static final long serialVersionUID = 1L;

  private final Kind kind;

  /** What another try is worth. */
  enum Kind {
    /** Nothing: the version itself is not what it should be. */
    UNFIT,
    /** Files are not there, or not yet. */
    MISSING,
    /** Much: the trouble is the machine's, e.g. its memory or its file system. */
    TROUBLE
  }

  LoadException(Kind kind, String reason, @Nullable Throwable cause) {
    super(reason, cause);
    this.kind = kind;
  }

  Kind kind() {
    return kind;
  }

  /** Why, for people. */
  String reason() {
    return String.valueOf(getMessage());
  }
}
