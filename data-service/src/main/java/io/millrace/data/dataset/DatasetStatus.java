package io.millrace.data.dataset;

import io.millrace.data.log.Counts;
import io.millrace.data.tokenizer.TokenizerJob;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.SnapshotEntry;
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
}
