package io.millrace.gateway.health;

import io.millrace.gateway.Replicas;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

/** Whether a service says that it is ready: every replica, at each place where it is. */
final class ServiceHealth implements HealthIndicator {
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private final HttpClient http;
  private final List<URI> places;
  private final Replicas replicas;

  ServiceHealth(HttpClient http, List<URI> places, Replicas replicas) {
    this.http = http;
    this.places = places;
    this.replicas = replicas;
  }

  /** All are asked at once; the first that is not ready counts, with how many are ready. */
  @Override
  public Health health() {
    List<CompletableFuture<Health>> asked = new ArrayList<>();
    try {
      for (URI place : places) {
        replicas.of(place.resolve("/actuator/health/readiness")).stream()
            .map(this::ask)
            .forEach(asked::add);
      }
    } catch (IOException unknownName) {
      return Health.down(unknownName).build();
    }
    List<Health> answers = asked.stream().map(CompletableFuture::join).toList();
    long ready = answers.stream().filter(answer -> answer.getStatus().equals(Status.UP)).count();
    return answers.stream()
        .filter(answer -> !answer.getStatus().equals(Status.UP))
        .findFirst()
        .map(answer -> Health.status(answer.getStatus()).withDetails(answer.getDetails()))
        .orElseGet(Health::up)
        .withDetail("replicas", answers.size())
        .withDetail("ready", ready)
        .build();
  }

  private CompletableFuture<Health> ask(URI readiness) {
    return http.sendAsync(
            HttpRequest.newBuilder(readiness).timeout(TIMEOUT).build(), BodyHandlers.discarding())
        .handle((answer, failure) -> {
          if (failure != null) {
            return Health.down(Objects.requireNonNullElse(failure.getCause(), failure)).build();
          }
          return answer.statusCode() == 200
              ? Health.up().build()
              : Health.down().withDetail("status", answer.statusCode()).build();
        });
  }
}
