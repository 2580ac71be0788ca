package io.millrace.standalone.up;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Whether a gateway says that it and all services behind it are ready. */
final class Readiness {

  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofMillis(50);

  private Readiness() {}

  /**
   * Waits until it does.
   *
   * @throws IllegalStateException with what it said last, if it does not within a minute
   */
  static void await(URI gateway, String apiKey) {
    List<HttpRequest> questions =
        Stream.of("/actuator/health/readiness", "/actuator/health/services")
            .map(path ->
                HttpRequest.newBuilder(gateway.resolve(path))
                    .header("Authorization", "Bearer " + apiKey)
                    .timeout(ANSWER_TIMEOUT)
                    .build())
            .toList();
    long end = System.nanoTime() + TIMEOUT.toNanos();
    try (HttpClient http = HttpClient.newHttpClient()) {
      for (HttpRequest question : questions) {
        String answer = ask(http, question);
        while (!answer.isEmpty()) {
          if (System.nanoTime() > end) {
            throw new IllegalStateException(
                "not ready after %d s: %s".formatted(TIMEOUT.toSeconds(), answer));
          }
          Thread.sleep(PAUSE);
          answer = ask(http, question);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while starting", e);
    }
  }

  /** Empty if it is ready, else what it says. */
  private static String ask(HttpClient http, HttpRequest request) throws InterruptedException {
    try {
      HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
      return response.statusCode() == 200 ? "" : response.statusCode() + " " + response.body();
    } catch (IOException e) {
      return e.toString();
    }
  }
}
