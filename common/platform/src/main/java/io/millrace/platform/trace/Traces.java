package io.millrace.platform.trace;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Spans of work that neither a request nor a call is, and the way of a trace through Kafka and the
 * database: the header {@code traceparent} of W3C Trace Context. {@code tracestate} is passed on
 * between requests and calls only.
 *
 * <p>A trace that is not sampled leaves no header: nothing is stored with documents and events that
 * nobody could look up.
 */
public final class Traces {
  /** Name of the header. */
  public static final String HEADER = "traceparent";

  /** Contexts that one span is tied to at most, as OpenTelemetry limits links. */
  public static final int MAX_LINKS = 128;

  private static final W3CTraceContextPropagator W3C = W3CTraceContextPropagator.getInstance();

  private final Tracer tracer;

  /** Spans that go where the others go. */
  public Traces(OpenTelemetry telemetry) {
    this.tracer = telemetry.getTracer("io.millrace");
  }

  /** Spans that nobody records. */
  public static Traces none() {
    return new Traces(OpenTelemetry.noop());
  }

  /** The context that this thread works in, as the header has it; null: none that is sampled. */
  public static @Nullable String current() {
    SpanContext context = Span.current().getSpanContext();
    return context.isSampled()
        ? "00-"
            + context.getTraceId()
            + "-"
            + context.getSpanId()
            + "-"
            + context.getTraceFlags().asHex()
        : null;
  }

  /** Adds the header to a record; null: none. */
  public static void write(ProducerRecord<byte[], byte[]> record, @Nullable String traceparent) {
    if (traceparent != null) {
      record.headers().add(HEADER, traceparent.getBytes(StandardCharsets.US_ASCII));
    }
  }

  /** The header of a record, whatever it says; null if it has none. */
  public static @Nullable String read(ConsumerRecord<byte[], byte[]> record) {
    Header header = record.headers().lastHeader(HEADER);
    return header == null || header.value() == null
        ? null
        : new String(header.value(), StandardCharsets.US_ASCII);
  }

  /** Ties a span that has begun to another context. */
  public static void link(Span span, String traceparent) {
    SpanContext context = parse(traceparent);
    if (context.isValid()) {
      span.addLink(context);
    }
  }

  /**
   * Begins a span that this thread works in until it is closed.
   *
   * @param name of few values, without ids
   * @param parent the context that it goes on with; null, or not a context: the thread's own, or
   *     else a new trace
   */
  public TracedSpan begin(String name, SpanKind kind, @Nullable String parent) {
    SpanBuilder builder = tracer.spanBuilder(name).setSpanKind(kind);
    SpanContext context = parent == null ? SpanContext.getInvalid() : parse(parent);
    if (context.isValid()) {
      builder.setParent(Context.root().with(Span.wrap(context)));
    }
    return new TracedSpan(builder.startSpan());
  }

  /**
   * Begins the span of something that is done for many together. If all contexts are of one trace,
   * it goes on with that trace; else it begins one of its own that is linked to theirs.
   *
   * @param contexts as headers have them; those that are none are ignored, those after the first
   *     {@link #MAX_LINKS} too
   */
  public TracedSpan beginFor(String name, SpanKind kind, Collection<String> contexts) {
    List<SpanContext> valid =
        contexts.stream()
            .distinct()
            .limit(MAX_LINKS)
            .map(Traces::parse)
            .filter(SpanContext::isValid)
            .toList();
    boolean one = valid.stream().map(SpanContext::getTraceId).distinct().count() == 1;
    SpanBuilder builder = tracer.spanBuilder(name).setSpanKind(kind);
    builder.setParent(one ? Context.root().with(Span.wrap(valid.getFirst())) : Context.root());
    valid.stream().skip(one ? 1 : 0).forEach(builder::addLink);
    return new TracedSpan(builder.startSpan());
  }

  private static SpanContext parse(String traceparent) {
    return Span.fromContext(W3C.extract(Context.root(), traceparent, Single.INSTANCE))
        .getSpanContext();
  }

  /** A carrier of nothing but the one header. */
  private enum Single implements TextMapGetter<String> {
    INSTANCE;

    @Override
    public Iterable<String> keys(String carrier) {
      return List.of(HEADER);
    }

    @Override
    public @Nullable String get(@Nullable String carrier, String key) {
      return key.equals(HEADER) ? carrier : null;
    }
  }
}
