package io.millrace.standalone.reference;

import io.millrace.gateway.GatewayMetric;
import io.millrace.inference.InferenceMetric;
import io.millrace.platform.metric.Metric;
import io.millrace.platform.metric.Metric.Kind;
import io.millrace.platform.metric.Metric.Spec;
import io.millrace.platform.metric.ServiceMetric;
import io.millrace.standalone.reference.Dashboard.Panel;
import io.millrace.standalone.reference.Dashboard.Query;
import io.millrace.training.TrainingMetric;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The dashboards: one of each service with a chart of each metric, and one of what matters most.
 */
final class Dashboards {
  /** Gauges of which each replica has its share; of the others each replica tells the whole. */
  private static final Set<Metric> SHARES =
      Set.of(
          GatewayMetric.REQUESTS,
          InferenceMetric.REQUESTS,
          InferenceMetric.PLACES,
          InferenceMetric.RUNNING,
          InferenceMetric.WAITING,
          TrainingMetric.RUNS_ACTIVE);

  private Dashboards() {}

  /** By the name of the file. */
  static Map<String, Dashboard> all() {
    Map<String, Dashboard> all = new LinkedHashMap<>();
    ServiceMetrics.all().forEach((service, metrics) -> all.put(service, of(service, metrics)));
    return all;
  }

  private static Dashboard of(String service, List<Metric> metrics) {
    Dashboard dashboard =
        new Dashboard("millrace-" + service, "Millrace: all metrics of " + service);
    metrics.forEach(metric -> dashboard.add(panel(service, metric)));
    return dashboard;
  }

  private static Panel panel(String service, Metric metric) {
    Spec spec = metric.spec();
    return new Panel(title(spec), spec.meaning(), unit(spec), queries(service, metric));
  }

  private static List<Query> queries(String service, Metric metric) {
    Spec spec = metric.spec();
    String name = spec.prometheus();
    String of = "{application=\"" + service + "\"}";
    String legend =
        spec.tags().stream().map(tag -> "{{" + tag + "}}").collect(Collectors.joining(" "));
    return switch (spec.kind()) {
      case COUNTER ->
          List.of(
              new Query(
                  "sum%s (rate(%s%s[$__rate_interval]))".formatted(by(spec), name, of), legend));
      case GAUGE ->
          List.of(
              metric == ServiceMetric.RESIDENT_MEMORY
                  ? new Query("max by (instance) (%s%s)".formatted(name, of), "{{instance}}")
                  : new Query(
                      "%s%s (%s%s)"
                          .formatted(SHARES.contains(metric) ? "sum" : "max", by(spec), name, of),
                      legend));
      case TIMER ->
          List.of(
              new Query(
                  "sum%2$s (rate(%1$s_sum%3$s[$__rate_interval])) / sum%2$s (rate(%1$s_count%3$s[$__rate_interval]))"
                      .formatted(name, by(spec), of),
                  ("mean " + legend).strip()),
              new Query(
                  "max%s (%s_max%s)".formatted(by(spec), name, of), ("max " + legend).strip()));
    };
  }

  private static String by(Spec spec) {
    return spec.tags().isEmpty() ? "" : " by (" + String.join(", ", spec.tags()) + ")";
  }

  private static String unit(Spec spec) {
    boolean rate = spec.kind() == Kind.COUNTER;
    return switch (spec.unit()) {
      case Spec.SECONDS -> "s";
      case Spec.BYTES -> "bytes";
      default -> rate ? "cps" : "short";
    };
  }

  /** E.g. "Requests in flight" for {@code millrace.gateway.requests.in.flight}. */
  private static String title(Spec spec) {
    String words = spec.id().replaceFirst("millrace\\.(gateway|data|training|inference)?\\.?", "");
    String spaced = words.replace('.', ' ');
    String title = Character.toUpperCase(spaced.charAt(0)) + spaced.substring(1);
    return spec.kind() == Kind.COUNTER ? title + " a second" : title;
  }
}
