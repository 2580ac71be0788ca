package io.millrace.inference.generate;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.millrace.inference.InferenceMetric;
import java.time.Duration;

/**
 * The meters of one model's completions.
 *
 * @param firstToken from arrival to the first token
 * @param interToken from a token to the next
 * @param completion whole completions
 * @param tokens generated tokens
 * @param cancelled completions that nobody waited for
 */
record CompletionMeters(
    Timer firstToken, Timer interToken, Timer completion, Counter tokens, Counter cancelled) {

  static CompletionMeters of(MeterRegistry meters, String model) {
    return new CompletionMeters(
        timer(meters, InferenceMetric.FIRST_TOKEN, model, 10, 50, 100, 500, 1000, 5000),
        timer(meters, InferenceMetric.INTER_TOKEN, model, 1, 2, 5, 10, 50, 100),
        timer(meters, InferenceMetric.COMPLETION, model, 100, 500, 1000, 5000, 30_000),
        InferenceMetric.TOKENS.counter(meters, model),
        InferenceMetric.CANCELLED.counter(meters, model));
  }

  private static Timer timer(
      MeterRegistry meters, InferenceMetric metric, String model, int... bucketsMs) {
    Duration[] buckets = new Duration[bucketsMs.length];
    for (int i = 0; i < buckets.length; i++) {
      buckets[i] = Duration.ofMillis(bucketsMs[i]);
    }
    return metric.timer(model).serviceLevelObjectives(buckets).register(meters);
  }
}
