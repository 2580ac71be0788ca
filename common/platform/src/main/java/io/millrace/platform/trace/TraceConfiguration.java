package io.millrace.platform.trace;

import io.micrometer.tracing.exporter.SpanExportingPredicate;
import io.opentelemetry.api.OpenTelemetry;
import java.util.Map;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Spans of the platform's own, and which of all spans are worth sending. */
@Configuration(proxyBeanMethods = false)
public class TraceConfiguration {

  @Bean
  Traces traces(OpenTelemetry telemetry) {
    return new Traces(telemetry);
  }

  /** Probes and collectors ask every few seconds; nobody looks for their traces. */
  @Bean
  SpanExportingPredicate withoutProbes() {
    return span -> {
      Map<String, String> tags = span.getTags();
      return !tags.getOrDefault("http.url", "").contains("/actuator/")
          && !String.valueOf(span.getName()).startsWith("grpc.health.");
    };
  }
}
