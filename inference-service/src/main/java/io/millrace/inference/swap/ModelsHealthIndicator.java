package io.millrace.inference.swap;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/** Not ready until, after the start, all models of the registry were tried once. */
@Component
class ModelsHealthIndicator implements HealthIndicator {

  private final Models models;
  private volatile boolean loaded;

  ModelsHealthIndicator(Models models) {
    this.models = models;
  }

  @Override
  public Health health() {
    if (!loaded) {
      loaded = models.isLoaded();
    }
    return loaded
        ? Health.up().build()
        : Health.outOfService().withDetail("reason", "models are being loaded").build();
  }
}
