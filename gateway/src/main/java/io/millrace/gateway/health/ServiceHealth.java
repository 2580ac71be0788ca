package io.millrace.gateway.health;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** Whether a service says that it is ready. */
final class ServiceHealth implements HealthIndicator {
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private final HttpClient http;
  private final URI readiness;

  ServiceHealth(HttpClient http, URI service) {
    this.http = http;
    this.readiness = service.resolve("/actuator/health/readiness");
  }

  @Override
  public Health health() {
    try {
      int status =
          http.send(
                  HttpRequest.newBuilder(readiness).timeout(TIMEOUT).build(),
                  BodyHandlers.discarding())
              .statusCode();
      return status == 200
          ? Health.up().build()
          : Health.down().withDetail("status", status).build();
    } catch (IOException e) {
      return Health.down(e).build();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Health.unknown().build();
    }
  }
}
