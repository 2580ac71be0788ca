package io.millrace.data.log;

/**
 * What became of documents.
 *
 * @param prepared documents that became part of records
 * @param rejected documents that went to the dead letters
 * @param tokens of the prepared documents; 0 for images
 * @param packedTokens tokens in the records; equal to {@code tokens}, or something was lost
 * @param boxes of the prepared pictures; 0 for text
 * @param train records to learn from
 * @param heldout records to evaluate on
 */
public record Tally(
    long prepared,
    long rejected,
    long tokens,
    long packedTokens,
    long boxes,
    long train,
    long heldout) {

  /** No documents. */
  public static final Tally NONE = new Tally(0, 0, 0, 0, 0, 0, 0);

  /** Both together. */
  public Tally plus(Tally other) {
    return new Tally(
        prepared + other.prepared,
        rejected + other.rejected,
        tokens + other.tokens,
        packedTokens + other.packedTokens,
        boxes + other.boxes,
        train + other.train,
        heldout + other.heldout);
  }
}
