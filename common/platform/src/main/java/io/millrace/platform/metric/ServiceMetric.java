package io.millrace.platform.metric;

/** Metrics that every service has; those of the outbox all but the gateway. */
public enum ServiceMetric implements Metric {
  /** Events that wait. */
  OUTBOX_PENDING(
      Spec.gauge(
          "millrace.outbox.pending",
          "events",
          "Events that were decided on and are still to be written to Kafka.")),
  /** How long the first of them waits. */
  OUTBOX_AGE(
      Spec.gauge(
          "millrace.outbox.age",
          Spec.SECONDS,
          "How long the oldest event of the outbox waits; 0: none does.")),
  /** Memory of the process. */
  RESIDENT_MEMORY(
      Spec.gauge(
          "millrace.process.resident.memory",
          Spec.BYTES,
          "Memory of the process: the heap, libtorch's tensors and all else that a container's limit counts."));

  private final Spec spec;

  ServiceMetric(Spec spec) {
    this.spec = spec;
  }

  @Override
  public Spec spec() {
    return spec;
  }
}
