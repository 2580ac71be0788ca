package io.millrace.platform.trace;

import io.opentelemetry.api.trace.Span;
import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Ties a span that has begun to the contexts of the records that it reads, each once and {@link
 * Traces#MAX_LINKS} at most. For one thread.
 */
public final class SpanLinks {
  private final Span span;
  private final Set<String> seen = new HashSet<>();

  /** None yet. */
  public SpanLinks(Span span) {
    this.span = span;
  }

  /** Ties the span to the context of a record, if the record has one. */
  public void add(ConsumerRecord<byte[], byte[]> record) {
    if (!span.isRecording() || seen.size() >= Traces.MAX_LINKS) {
      return;
    }
    String traceparent = Traces.read(record);
    if (traceparent != null && seen.add(traceparent)) {
      Traces.link(span, traceparent);
    }
  }
}
