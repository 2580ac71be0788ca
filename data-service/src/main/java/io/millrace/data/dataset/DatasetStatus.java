package io.millrace.data.dataset;

import io.millrace.data.prepare.Progress;
import io.millrace.data.tokenizer.TokenizerJob;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.SnapshotEntry;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A dataset and what became of its documents.
 *
 * @param dataset what it is
 * @param counts of its documents
 * @param preparation whether documents are being prepared
 * @param failure why they are not; null if nothing is wrong
 * @param tokenizerJob the last one; empty if none was ever asked for
 * @param snapshots oldest first
 */
public record DatasetStatus(
    DatasetEntry dataset,
    Counts counts,
    Preparation preparation,
    @Nullable String failure,
    Optional<TokenizerJob> tokenizerJob,
    List<SnapshotEntry> snapshots) {

  /** Whether documents are being prepared. */
  public enum Preparation {
    /** In this process. */
    RUNNING,
    /** Text without a tokenizer: documents are kept and wait. */
    WAITING_FOR_TOKENIZER,
    /** About to begin, or in another replica. */
    ELSEWHERE,
    /** It fails and is tried again. */
    FAILING
  }

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
    public static Counts of(Collection<Progress> partitions, long waiting) {
      long prepared = partitions.stream().mapToLong(Progress::prepared).sum();
      long rejected = partitions.stream().mapToLong(Progress::rejected).sum();
      return new Counts(
          prepared + rejected + waiting,
          prepared,
          rejected,
          waiting,
          partitions.stream().mapToLong(Progress::tokens).sum(),
          partitions.stream().mapToLong(Progress::packedTokens).sum(),
          partitions.stream().mapToLong(Progress::train).sum(),
          partitions.stream().mapToLong(Progress::heldout).sum(),
          partitions.stream().mapToLong(Progress::boxes).sum());
    }

    /** Real tokens in a record over those that would fit, 0 to 1; 1 without records. */
    public double packingEfficiency(int packLength) {
      long places = (sequences + heldoutSequences) * packLength;
      return places == 0 ? 1 : packedTokens / (double) places;
    }
  }
}
