package io.millrace.data.prepare;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.millrace.data.log.PartitionProgress;
import java.time.Duration;

/**
 * The metrics of the data service; each has the tag {@code dataset}. They count what this process
 * did since its start; what a dataset holds is told by {@code GET /api/datasets/{name}}.
 */
public enum DataMetrics {
  /** Documents that became part of records. */
  PREPARED("millrace.data.documents.prepared"),
  /** Documents that went to the dead letters. */
  REJECTED("millrace.data.documents.rejected"),
  /** Tokens written to packed sequences. */
  TOKENS("millrace.data.tokens"),
  /** Records written, training and held-out. */
  RECORDS("millrace.data.records"),
  /** Time from a window read to its transaction committed. */
  WINDOW("millrace.data.window");

  private static final String DATASET = "dataset";

  private final String key;

  DataMetrics(String key) {
    this.key = key;
  }

  /** The name as meters have it. */
  public String key() {
    return key;
  }

  private Counter counter(MeterRegistry meters, String dataset) {
    return Counter.builder(key).tag(DATASET, dataset).register(meters);
  }

  /** Counts committed windows. */
  static final class Preparation implements PreparationObserver {
    private final MeterRegistry meters;

    Preparation(MeterRegistry meters) {
      this.meters = meters;
    }

    @Override
    public void windowCommitted(
        String dataset, PartitionProgress before, PartitionProgress after, Duration duration) {
      PREPARED.counter(meters, dataset).increment(after.prepared() - before.prepared());
      REJECTED.counter(meters, dataset).increment(after.rejected() - before.rejected());
      TOKENS.counter(meters, dataset).increment(after.packedTokens() - before.packedTokens());
      RECORDS
          .counter(meters, dataset)
          .increment(after.train() + after.heldout() - before.train() - before.heldout());
      Timer.builder(WINDOW.key).tag(DATASET, dataset).register(meters).record(duration);
    }
  }
}
