package io.millrace.data.log;

import java.util.Collection;

/**
 * What became of the documents of all partitions.
 *
 * @param tally of those that are prepared or rejected
 * @param waiting documents that are neither yet
 */
public record Counts(Tally tally, long waiting) {

  /**
   * Sums up.
   *
   * @param waiting documents behind the progress
   */
  public static Counts of(Collection<PartitionProgress> partitions, long waiting) {
    return new Counts(
        partitions.stream().map(PartitionProgress::tally).reduce(Tally.NONE, Tally::plus), waiting);
  }

  /** Documents that entered. */
  public long documents() {
    return tally.prepared() + tally.rejected() + waiting;
  }

  /** Real tokens in a record over those that would fit, 0 to 1; 1 without records. */
  public double packingEfficiency(int packLength) {
    long places = (tally.train() + tally.heldout()) * packLength;
    return places == 0 ? 1 : tally.packedTokens() / (double) places;
  }
}
