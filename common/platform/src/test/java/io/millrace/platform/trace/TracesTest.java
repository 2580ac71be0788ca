package io.millrace.platform.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TracesTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String OTHER_TRACE = "0af7651916cd43dd8448eb211c80319c";

  private final InMemorySpanExporter spans = InMemorySpanExporter.create();
  private final OpenTelemetrySdk telemetry =
      OpenTelemetrySdk.builder()
          .setTracerProvider(
              SdkTracerProvider.builder()
                  .addSpanProcessor(SimpleSpanProcessor.create(spans))
                  .build())
          .build();
  private final Traces traces = new Traces(telemetry);

  @AfterEach
  void close() {
    telemetry.close();
  }

  @Test
  void goesOnWithTheTraceOfAHeader() {
    try (TracedSpan span = traces.begin("work", SpanKind.CONSUMER, context(TRACE, 1))) {
      span.tag("millrace.model", "m").tag("millrace.step", 7);
      assertThat(Traces.current()).startsWith("00-" + TRACE).endsWith("-01");
    }

    SpanData span = only();
    assertThat(span.getTraceId()).isEqualTo(TRACE);
    assertThat(span.getParentSpanId()).isEqualTo(id(1));
    assertThat(span.getAttributes().size()).isEqualTo(2);
    assertThat(Traces.current()).as("after its end").isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "nothing", "00-0-0-01", "00-00000000000000000000000000000000-0-01"})
  void beginsATraceOfItsOwnWhereAHeaderIsNone(String header) {
    traces.begin("work", SpanKind.CONSUMER, header).close();

    assertThat(only().getParentSpanContext().isValid()).isFalse();
  }

  @Test
  void nestsSpansOfOneThread() {
    try (TracedSpan outer = traces.begin("outer", SpanKind.CONSUMER, null)) {
      traces.begin("inner", SpanKind.PRODUCER, null).close();
      outer.failed(new IllegalStateException("broken"));
    }

    List<SpanData> both = spans.getFinishedSpanItems();
    assertThat(both).extracting(SpanData::getName).containsExactly("inner", "outer");
    assertThat(both.getFirst().getParentSpanId()).isEqualTo(both.getLast().getSpanId());
    assertThat(both.getLast().getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(both.getLast().getStatus().getDescription()).isEqualTo("broken");
  }

  @Test
  void goesOnWithTheOneTraceOfMany() {
    traces
        .beginFor("window", SpanKind.CONSUMER, List.of(context(TRACE, 1), context(TRACE, 2)))
        .close();

    SpanData span = only();
    assertThat(span.getTraceId()).isEqualTo(TRACE);
    assertThat(span.getParentSpanId()).isEqualTo(id(1));
    assertThat(linked(span)).containsExactly(id(2));
  }

  @Test
  void linksToManyTraces() {
    traces
        .beginFor(
            "window",
            SpanKind.CONSUMER,
            List.of(context(TRACE, 1), "nothing", context(OTHER_TRACE, 2)))
        .close();

    SpanData span = only();
    assertThat(span.getParentSpanContext().isValid()).isFalse();
    assertThat(span.getTraceId()).isNotIn(TRACE, OTHER_TRACE);
    assertThat(linked(span)).containsExactly(id(1), id(2));
  }

  @Test
  void linksAreLimited() {
    List<String> many =
        IntStream.range(1, 1_000).mapToObj(i -> context("%032x".formatted(i), i)).toList();
    traces.beginFor("window", SpanKind.CONSUMER, many).close();
    try (TracedSpan run = traces.begin("run", SpanKind.CONSUMER, null)) {
      SpanLinks links = new SpanLinks(Span.current());
      many.forEach(context -> links.add(record(context)));
      many.forEach(context -> links.add(record(context)));
      run.tag("millrace.run", "r");
    }

    assertThat(spans.getFinishedSpanItems())
        .allSatisfy(span -> assertThat(span.getLinks()).hasSize(Traces.MAX_LINKS));
  }

  @Test
  void recordsCarryWhatIsSampled() {
    ProducerRecord<byte[], byte[]> record = new ProducerRecord<>("t", new byte[0]);
    Traces.write(record, Traces.current());
    assertThat(record.headers()).isEmpty();
    try (TracedSpan unsampled = Traces.none().begin("work", SpanKind.CONSUMER, null)) {
      Traces.write(record, Traces.current());
      unsampled.tag("a", 1);
    }
    assertThat(record.headers()).isEmpty();

    try (TracedSpan span = traces.begin("work", SpanKind.CONSUMER, context(TRACE, 1))) {
      Traces.write(record, Traces.current());
      span.tag("a", 1);
    }

    String header = new String(record.headers().lastHeader("traceparent").value());
    assertThat(header).isEqualTo("00-%s-%s-01".formatted(TRACE, only().getSpanId()));
    assertThat(Traces.read(record(header))).isEqualTo(header);
    assertThat(Traces.read(new ConsumerRecord<>("t", 0, 0, new byte[0], new byte[0]))).isNull();
  }

  private SpanData only() {
    assertThat(spans.getFinishedSpanItems()).hasSize(1);
    return spans.getFinishedSpanItems().getFirst();
  }

  private static List<String> linked(SpanData span) {
    return span.getLinks().stream()
        .map(LinkData::getSpanContext)
        .map(io.opentelemetry.api.trace.SpanContext::getSpanId)
        .toList();
  }

  private static ConsumerRecord<byte[], byte[]> record(String traceparent) {
    ConsumerRecord<byte[], byte[]> record =
        new ConsumerRecord<>("t", 0, 0, new byte[0], new byte[0]);
    record.headers().add(Traces.HEADER, traceparent.getBytes(StandardCharsets.US_ASCII));
    return record;
  }

  private static String context(String trace, int span) {
    return "00-%s-%s-01".formatted(trace, id(span));
  }

  private static String id(int span) {
    return "%016x".formatted(span);
  }
}
