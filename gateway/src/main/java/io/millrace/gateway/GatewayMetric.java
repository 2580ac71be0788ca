package io.millrace.gateway;

import io.millrace.platform.metric.Metric;

/** The metrics of the gateway. */
public enum GatewayMetric implements Metric {
  /** Requests in flight. */
  REQUESTS(
      Spec.gauge(
          "millrace.gateway.requests.in.flight",
          "requests",
          "REST requests and gRPC calls on their way, those for health and metrics left out."));

  private final Spec spec;

  GatewayMetric(Spec spec) {
    this.spec = spec;
  }

  @Override
  public Spec spec() {
    return spec;
  }
}
