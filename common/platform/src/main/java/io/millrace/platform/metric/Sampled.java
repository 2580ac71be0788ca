package io.millrace.platform.metric;

/** Values that must be asked for, of a database or a cluster: see {@link MetricSampler}. */
@FunctionalInterface
public interface Sampled {

  /**
   * Asks for them and keeps them for the next scrape.
   *
   * @throws RuntimeException if nobody answers; the values before stay
   */
  void sample();
}
