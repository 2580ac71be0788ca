package io.millrace.data.log;

import java.util.Collection;

/**
 * Sums over the partitions.
 *
 * @param documents that entered
 * @param prepared that are in records
 * @param rejected that are in the dead letters
 * @param waiting that are not prepared yet
 * @param tokens of the prepared documents
 * @param packedTokens in the records
 * @param sequences records to learn from
 * @param heldoutSequences records to evaluate on
 * @param boxes of the prepared pictures
 */
public record Counts(
    long documents,
    long prepared,
    long rejected,
    long waiting,
    long tokens,
    long packedTokens,
    long sequences,
    long heldoutSequences,
    long boxes) {

  /**
   * Sums up.
   *
   * @param waiting documents behind the progress
   */
  public static Counts of(Collection<PartitionProgress> partitions, long waiting) {
    long prepared = partitions.stream().mapToLong(PartitionProgress::prepared).sum();
    long rejected = partitions.stream().mapToLong(PartitionProgress::rejected).sum();
    return new Counts(
        prepared + rejected + waiting,
        prepared,
        rejected,
        waiting,
        partitions.stream().mapToLong(PartitionProgress::tokens).sum(),
        partitions.stream().mapToLong(PartitionProgress::packedTokens).sum(),
        partitions.stream().mapToLong(PartitionProgress::train).sum(),
        partitions.stream().mapToLong(PartitionProgress::heldout).sum(),
        partitions.stream().mapToLong(PartitionProgress::boxes).sum());
  }

  /** Real tokens in a record over those that would fit, 0 to 1; 1 without records. */
  public double packingEfficiency(int packLength) {
    long places = (sequences + heldoutSequences) * packLength;
    return places == 0 ? 1 : packedTokens / (double) places;
  }
}
