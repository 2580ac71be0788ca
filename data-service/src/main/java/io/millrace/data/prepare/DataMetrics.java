package io.millrace.data.prepare;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.millrace.data.log.PartitionProgress;
import io.millrace.data.log.Tally;
import java.time.Duration;
import java.util.function.ToLongFunction;

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
      count(PREPARED, dataset, before, after, Tally::prepared);
      count(REJECTED, dataset, before, after, Tally::rejected);
      count(TOKENS, dataset, before, after, Tally::packedTokens);
      count(RECORDS, dataset, before, after, tally -> tally.train() + tally.heldout());
      Timer.builder(WINDOW.key).tag(DATASET, dataset).register(meters).record(duration);
    }

    private void count(
        DataMetrics metric,
        String dataset,
        PartitionProgress before,
        PartitionProgress after,
        ToLongFunction<Tally> what) {
      metric
          .counter(meters, dataset)
          .increment(what.applyAsLong(after.tally()) - what.applyAsLong(before.tally()));
    }
  }
}
