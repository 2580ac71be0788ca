package io.millrace.data.prepare;

import io.millrace.data.log.PartitionProgress;
import io.millrace.platform.trace.TracedSpan;
import io.millrace.platform.trace.Traces;
import io.opentelemetry.api.trace.SpanKind;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Told of windows, for metrics and traces; counts that must be exact are read from the log. */
@FunctionalInterface
public interface PreparationObserver {
  /** A window was read and is prepared while the span is open, by the calling thread. */
  default TracedSpan windowRead(
      String dataset, int partition, List<ConsumerRecord<byte[], byte[]>> documents) {
    return Traces.none().begin(dataset, SpanKind.INTERNAL, null);
  }

  /** A window was committed. */
  void windowCommitted(
      String dataset, PartitionProgress before, PartitionProgress after, Duration duration);
}
