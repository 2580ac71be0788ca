package io.millrace.data.prepare;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.data.DataMetric;
import io.millrace.data.log.PartitionProgress;
import io.millrace.data.log.Tally;
import io.millrace.platform.trace.TracedSpan;
import io.millrace.platform.trace.Traces;
import io.opentelemetry.api.trace.SpanKind;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Counts committed windows, and gives each one span: none for a document. */
final class PreparationTelemetry implements PreparationObserver {
  private final MeterRegistry meters;
  private final Traces traces;

  PreparationTelemetry(MeterRegistry meters, Traces traces) {
    this.meters = meters;
    this.traces = traces;
  }

  @Override
  public TracedSpan windowRead(
      String dataset, int partition, List<ConsumerRecord<byte[], byte[]>> documents) {
    Set<String> origins = new LinkedHashSet<>();
    for (ConsumerRecord<byte[], byte[]> document : documents) {
      String traceparent = Traces.read(document);
      if (traceparent != null && origins.size() < Traces.MAX_LINKS) {
        origins.add(traceparent);
      }
    }
    return traces
        .beginFor("prepare documents", SpanKind.CONSUMER, origins)
        .tag("millrace.dataset", dataset)
        .tag("millrace.partition", partition)
        .tag("millrace.documents", documents.size());
  }

  @Override
  public void windowCommitted(
      String dataset, PartitionProgress before, PartitionProgress after, Duration duration) {
    count(DataMetric.PREPARED, dataset, before, after, Tally::prepared);
    count(DataMetric.REJECTED, dataset, before, after, Tally::rejected);
    count(DataMetric.TOKENS, dataset, before, after, Tally::packedTokens);
    count(DataMetric.RECORDS, dataset, before, after, tally -> tally.train() + tally.heldout());
    DataMetric.WINDOW.timer(meters, dataset).record(duration);
  }

  private void count(
      DataMetric metric,
      String dataset,
      PartitionProgress before,
      PartitionProgress after,
      ToLongFunction<Tally> what) {
    metric
        .counter(meters, dataset)
        .increment(what.applyAsLong(after.tally()) - what.applyAsLong(before.tally()));
  }
}
