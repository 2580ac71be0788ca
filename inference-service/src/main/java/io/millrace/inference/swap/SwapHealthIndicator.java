package io.millrace.inference.swap;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/**
 * Down while new versions cannot be noticed. What serves goes on serving, so readiness does not
 * depend on it.
 */
@Component
class SwapHealthIndicator implements HealthIndicator {

  private final CheckpointWatcher watcher;

  SwapHealthIndicator(CheckpointWatcher watcher) {
    this.watcher = watcher;
  }

  @Override
  public Health health() {
    String failure = watcher.failure();
    return failure == null
        ? Health.up().build()
        : Health.down().withDetail("reason", failure).build();
  }
}
