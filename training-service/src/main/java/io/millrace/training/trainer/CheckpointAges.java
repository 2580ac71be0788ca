package io.millrace.training.trainer;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.platform.metric.GaugeRows;
import io.millrace.platform.metric.Sampled;
import io.millrace.training.TrainingMetric;
import io.millrace.training.lease.Lease;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/** How much the runs of this trainer would lose if it died now: the time since they last saved. */
@Component
final class CheckpointAges implements Sampled {
  private final Map<String, Saved> saved = new ConcurrentHashMap<>();
  private final Clock clock;
  private final GaugeRows ages;

  CheckpointAges(Clock clock, MeterRegistry meters) {
    this.clock = clock;
    this.ages = TrainingMetric.CHECKPOINT_AGE.rows(meters);
  }

  private record Saved(String model, Instant time) {}

  /** A run begins, or has published a checkpoint. */
  void saved(Lease lease) {
    saved.put(lease.runId(), new Saved(lease.run().request().model(), clock.instant()));
  }

  /** This trainer does not work on a run any more. */
  void ended(Lease lease) {
    saved.remove(lease.runId());
  }

  @Override
  public void sample() {
    Instant now = clock.instant();
    Map<List<String>, Double> oldest = new HashMap<>();
    saved
        .values()
        .forEach(one ->
            oldest.merge(
                List.of(one.model), Duration.between(one.time, now).toMillis() / 1e3, Math::max));
    ages.set(oldest);
  }
}
