package io.millrace.platform.registry;

/**
 * How a dataset takes its documents.
 *
 * @param duplicateIds what becomes of a document whose id the dataset has already
 * @param plainValues what a Kafka record without a content type is
 * @param rejectedWarnPercent share of rejected documents above which a snapshot carries a warning
 */
public record IntakePolicy(
    DuplicateIds duplicateIds, PlainValues plainValues, double rejectedWarnPercent) {

  /** Keeps repeated ids, refuses plain values, warns above one per cent. */
  public static final IntakePolicy STANDARD =
      new IntakePolicy(DuplicateIds.KEEP, PlainValues.REJECT, 1);

  /** What becomes of a document whose id the dataset has already. */
  public enum DuplicateIds {
    /** It is one more document. */
    KEEP,
    /** It is rejected. */
    REJECT,
    /** It takes the place of the earlier one in snapshots that are sealed from then on. */
    REPLACE
  }

  /** What a Kafka record without a content type is. */
  public enum PlainValues {
    /** Nothing that could be read: it is rejected. */
    REJECT,
    /** A text in UTF-8. */
    TEXT,
    /** A document in JSON, as a line of an upload. */
    JSON
  }
}
