package io.millrace.training.trainer;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/** Down while runs cannot be taken up. */
@Component
class TrainerHealthIndicator implements HealthIndicator {
  private final TrainerPool pool;

  TrainerHealthIndicator(TrainerPool pool) {
    this.pool = pool;
  }

  @Override
  public Health health() {
    String failure = pool.failure();
    return failure == null
        ? Health.up().build()
        : Health.down().withDetail("reason", failure).build();
  }
}
