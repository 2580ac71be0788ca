package io.millrace.inference.swap;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/**
 * Down while new versions cannot be noticed or taken up. What serves goes on serving, so readiness
 * does not depend on it.
 */
@Component
class SwapHealthIndicator implements HealthIndicator {

  private final CheckpointWatcher watcher;
  private final SwapWorker worker;

  SwapHealthIndicator(CheckpointWatcher watcher, SwapWorker worker) {
    this.watcher = watcher;
    this.worker = worker;
  }

  @Override
  public Health health() {
    String failure = watcher.failure() == null ? worker.failure() : watcher.failure();
    return failure == null
        ? Health.up().build()
        : Health.down().withDetail("reason", failure).build();
  }
}
