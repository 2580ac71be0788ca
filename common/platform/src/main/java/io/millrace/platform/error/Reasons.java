package io.millrace.platform.error;

/** Why something failed, as it is kept in a database and shown to people. */
public final class Reasons {
  private static final int LONGEST = 1000;

  private Reasons() {}

  /**
   * The reason, cut to a length that a list can show. Names in a file may hold anything, but
   * PostgreSQL's text has no zero character: it becomes a question mark.
   */
  public static String storable(String reason) {
    return Shortened.to(LONGEST, reason.replace('\0', '?'));
  }
}
