package io.millrace.standalone.reference;

import io.millrace.platform.metric.Metric;
import io.millrace.platform.metric.Metric.Kind;
import io.millrace.platform.metric.Metric.Spec;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** docs/reference/metrics.md, from the enums that meters are made by. */
final class MetricsReference {
  private static final String HEAD =
      """
      # Metrics

      Every service has them at `/actuator/prometheus`: for Prometheus with the token of `millrace.internal.metrics-token`, and through
      the gateway with an API key (`/actuator/prometheus/<service>`; the gateway's own without a name). All have the tag `application`,
      the service's name. A timer is three series, `_count`, `_sum` and `_max`, and `_bucket` where buckets are mentioned. What is asked
      of the database and of Kafka is as old as `millrace.metrics.sample-period` at most.

      Spring Boot's own are there too: `http_server_requests_seconds` (REST by path and status), `grpc_server_seconds`, `jvm_*`,
      `hikaricp_*`, `process_*`. Dashboards for Grafana are in [helm/millrace/dashboards](../../helm/millrace/dashboards).

      This page and the dashboards are made from the code; a test fails when they are not up to date or when a service has another metric.
      """;

  private MetricsReference() {}

  static String markdown() {
    StringBuilder page = new StringBuilder(HEAD);
    ServiceMetrics.all().forEach((service, metrics) -> page.append(section(service, metrics)));
    return page.toString();
  }

  private static String section(String service, List<Metric> metrics) {
    return metrics.stream()
        .map(metric -> row(metric.spec()))
        .collect(
            Collectors.joining(
                "",
                "\n## %s\n\n| in Prometheus | type | unit | tags | what |\n|---|---|---|---|---|\n"
                    .formatted(service),
                ""));
  }

  private static String row(Spec spec) {
    return "| `%s` | %s | %s | %s | %s |\n"
        .formatted(
            spec.prometheus(),
            spec.kind().name().toLowerCase(Locale.ROOT),
            spec.kind() == Kind.TIMER ? "seconds" : spec.unit(),
            spec.tags().isEmpty()
                ? "–"
                : spec.tags().stream()
                    .map(tag -> "`" + tag + "`")
                    .collect(Collectors.joining(", ")),
            spec.meaning());
  }
}
