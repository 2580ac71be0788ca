package io.millrace.gateway.health;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

/** Whether a service says that it is ready, at each place where it is. */
final class ServiceHealth implements HealthIndicator {
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private final HttpClient http;
  private final List<URI> places;

  ServiceHealth(HttpClient http, List<URI> places) {
    this.http = http;
    this.places = places;
  }

  /** The first that is not ready counts. */
  @Override
  public Health health() {
    return places.stream()
        .map(this::health)
        .filter(health -> !health.getStatus().equals(Status.UP))
        .findFirst()
        .orElseGet(() -> Health.up().build());
  }

  private Health health(URI place) {
    URI readiness = place.resolve("/actuator/health/readiness");
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
