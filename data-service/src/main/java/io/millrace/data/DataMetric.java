package io.millrace.data;

import io.millrace.platform.metric.Metric;

/**
 * The metrics of the data service. Counters and timers are of what this process did since its
 * start; what a dataset holds is told by {@code GET /api/datasets/{name}}.
 */
public enum DataMetric implements Metric {
  /** Documents that became part of records. */
  PREPARED(
      Spec.counter(
          "millrace.data.documents.prepared",
          "documents",
          "Documents that became part of records.",
          DataMetric.DATASET)),
  /** Documents that went to the dead letters. */
  REJECTED(
      Spec.counter(
          "millrace.data.documents.rejected",
          "documents",
          "Documents that went to the dead letters.",
          DataMetric.DATASET)),
  /** Tokens written to packed sequences. */
  TOKENS(
      Spec.counter(
          "millrace.data.tokens",
          "tokens",
          "Tokens written to packed sequences.",
          DataMetric.DATASET)),
  /** Records written. */
  RECORDS(
      Spec.counter(
          "millrace.data.records",
          "records",
          "Records written, training and held-out.",
          DataMetric.DATASET)),
  /** Time of a window. */
  WINDOW(
      Spec.timer(
          "millrace.data.window",
          "From a window of documents read to its transaction committed.",
          DataMetric.DATASET)),
  /** Documents to be prepared. */
  LAG(
      Spec.gauge(
          "millrace.data.lag",
          "documents",
          "Documents in the log that are not prepared yet, of datasets that can be prepared. Every replica tells the same.",
          DataMetric.DATASET));

  /** Tag with the dataset's name. */
  static final String DATASET = "dataset";

  private final Spec spec;

  DataMetric(Spec spec) {
    this.spec = spec;
  }

  @Override
  public Spec spec() {
    return spec;
  }
}
