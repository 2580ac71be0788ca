package io.millrace.standalone.reference;

import io.millrace.data.DataMetric;
import io.millrace.gateway.GatewayMetric;
import io.millrace.inference.InferenceMetric;
import io.millrace.platform.metric.Metric;
import io.millrace.platform.metric.ServiceMetric;
import io.millrace.training.TrainingMetric;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Which metrics each service has. */
public final class ServiceMetrics {

  private ServiceMetrics() {}

  /** By the service's name; those that several have come first. */
  public static Map<String, List<Metric>> all() {
    Map<String, List<Metric>> all = new LinkedHashMap<>();
    all.put("gateway", with(List.of(ServiceMetric.RESIDENT_MEMORY), GatewayMetric.values()));
    all.put("data-service", with(List.of(ServiceMetric.values()), DataMetric.values()));
    all.put("training-service", with(List.of(ServiceMetric.values()), TrainingMetric.values()));
    all.put("inference-service", with(List.of(ServiceMetric.values()), InferenceMetric.values()));
    return all;
  }

  private static List<Metric> with(List<? extends Metric> shared, Metric... own) {
    return Stream.concat(shared.stream(), Arrays.stream(own)).map(Metric.class::cast).toList();
  }
}
