package io.millrace.data.prepare;

/** The steps of one window, in this order; a crash may fall between any two of them. */
public enum PreparationStep {
  /** A worker fenced its predecessors and knows where to go on. */
  RECOVERED,
  /** A window was read. */
  READ,
  /** Its records were made, in memory. */
  PREPARED,
  /** The transaction was begun. */
  BEGUN,
  /** The window's records are in the log, uncommitted. */
  WRITTEN,
  /** The offsets are part of the transaction. */
  OFFSETS_SENT,
  /** The transaction is committed. */
  COMMITTED;

  /** Told of every step; what it throws ends the worker as a crash would. */
  @FunctionalInterface
  public interface Listener {
    /** A listener that does nothing. */
    Listener NONE = (dataset, partition, step) -> {};

    /** A step was done. */
    void reached(String dataset, int partition, PreparationStep step);
  }
}
