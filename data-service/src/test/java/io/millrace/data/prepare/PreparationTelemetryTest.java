package io.millrace.data.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.contracts.Topics.Split;
import io.millrace.data.log.PartitionProgress;
import io.millrace.platform.trace.TracedSpan;
import io.millrace.platform.trace.Traces;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Windows in traces and metrics: a span for each, by real workers on a real broker. */
class PreparationTelemetryTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String OTHER_TRACE = "0af7651916cd43dd8448eb211c80319c";

  private final PreparationFixture fixture = new PreparationFixture();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final InMemorySpanExporter spans = InMemorySpanExporter.create();
  private final OpenTelemetrySdk telemetry =
      OpenTelemetrySdk.builder()
          .setTracerProvider(
              SdkTracerProvider.builder()
                  .addSpanProcessor(SimpleSpanProcessor.create(spans))
                  .build())
          .build();

  @AfterEach
  void close() {
    fixture.close();
    telemetry.close();
  }

  @Test
  void aWindowOfOneTraceGoesOnWithIt() {
    for (int i = 0; i < 3; i++) {
      fixture.append("d" + i, i, context(TRACE, "00f067aa0ba902b7"));
    }
    prepare();

    SpanData span = window();
    assertThat(span.getTraceId()).isEqualTo(TRACE);
    assertThat(span.getParentSpanId()).isEqualTo("00f067aa0ba902b7");
    assertThat(span.getAttributes().get(AttributeKey.longKey("millrace.documents"))).isEqualTo(3);
    assertThat(headers()).containsOnly("00-%s-%s-01".formatted(TRACE, span.getSpanId()));
    assertThat(meters.get("millrace.data.documents.prepared").counter().count()).isEqualTo(3);
    assertThat(meters.get("millrace.data.window").timer().count()).isEqualTo(1);
  }

  @Test
  void aWindowOfManyTracesIsLinkedToThem() {
    fixture.append("a", 1, context(TRACE, "00f067aa0ba902b7"));
    fixture.append("b", 2, context(OTHER_TRACE, "b7ad6b7169203331"));
    fixture.append("c", 3, "by a producer that knows nothing of traces");
    prepare();

    SpanData span = window();
    assertThat(span.getParentSpanContext().isValid()).isFalse();
    assertThat(span.getLinks())
        .extracting(link -> link.getSpanContext().getTraceId())
        .containsExactly(TRACE, OTHER_TRACE);
  }

  private void prepare() {
    long end = fixture.end(0);
    PartitionWorker[] worker = new PartitionWorker[1];
    PreparationObserver telemetry = new PreparationTelemetry(meters, new Traces(this.telemetry));
    PreparationObserver stop = PreparationFixture.stopAt(end, () -> worker[0].stop());
    worker[0] = fixture.worker(PreparationStep.Listener.NONE, both(telemetry, stop));
    worker[0].run();
  }

  private static PreparationObserver both(PreparationObserver first, PreparationObserver second) {
    return new PreparationObserver() {
      @Override
      public TracedSpan windowRead(
          String dataset, int partition, List<ConsumerRecord<byte[], byte[]>> documents) {
        return first.windowRead(dataset, partition, documents);
      }

      @Override
      public void windowCommitted(
          String dataset, PartitionProgress before, PartitionProgress after, Duration duration) {
        first.windowCommitted(dataset, before, after, duration);
        second.windowCommitted(dataset, before, after, duration);
      }
    };
  }

  private SpanData window() {
    assertThat(spans.getFinishedSpanItems()).hasSize(1);
    return spans.getFinishedSpanItems().getFirst();
  }

  /** What the records of the window say. */
  private List<String> headers() {
    return Stream.of(Split.values())
        .flatMap(split -> fixture.committed(fixture.names.of(split)).stream())
        .map(Traces::read)
        .filter(Objects::nonNull)
        .toList();
  }

  private static String context(String trace, String span) {
    return "00-%s-%s-01".formatted(trace, span);
  }
}
