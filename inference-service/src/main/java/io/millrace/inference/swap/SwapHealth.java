package io.millrace.inference.swap;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/** Not ready until the models of the registry are loaded, nor while events cannot be read. */
@Component
class SwapHealth implements HealthIndicator {

  private final SwapLoop loop;

  SwapHealth(SwapLoop loop) {
    this.loop = loop;
  }

  @Override
  public Health health() {
    if (!loop.isReconciled()) {
      return Health.outOfService().withDetail("reason", "models are being loaded").build();
    }
    String failure = loop.failure();
    return failure == null
        ? Health.up().build()
        : Health.down().withDetail("reason", failure).build();
  }
}
