package io.millrace.data.tokenizer;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A tokenizer being trained on the documents of a dataset.
 *
 * @param dataset whose documents
 * @param vocabSize wanted number of tokens
 * @param until end offset of each partition: the documents that were there when it was asked for
 * @param state how it stands
 * @param documents read so far
 * @param merges learned so far
 * @param error why it failed or, while it runs, what it waits for; null if it does neither
 * @param createdAt when it was asked for
 */
public record TokenizerJob(
    String dataset,
    int vocabSize,
    List<Long> until,
    State state,
    long documents,
    int merges,
    @Nullable String error,
    Instant createdAt) {

  /** From 0 to 1, by the merges that the vocabulary may take. */
  public double progress() {
    return Math.min(1.0, merges / (double) vocabSize);
  }

  /** Whether something that it needs does not work now. It goes on, or begins anew, by itself. */
  public boolean isWaiting() {
    return state == State.RUNNING && error != null;
  }

  /** How a job stands. */
  public enum State {
    RUNNING,
    DONE,
    FAILED
  }
}
