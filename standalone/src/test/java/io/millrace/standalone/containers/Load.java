package io.millrace.standalone.containers;

import io.millrace.standalone.PlatformApi;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * A client that uploads documents, one a request with a key of its own, and one that asks a model.
 * Each repeats a request until it is answered well, as clients are told to.
 */
final class Load implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(3)).build();
  private final Supplier<PlatformApi> api;
  private final String dataset;
  private final String model;
  private final List<Thread> clients = new ArrayList<>();
  private final List<String> lost = new CopyOnWriteArrayList<>();
  private final List<String> failures = new CopyOnWriteArrayList<>();
  private final AtomicInteger documents = new AtomicInteger();
  private final AtomicInteger completions = new AtomicInteger();
  private volatile boolean stopped;

  private Load(Supplier<PlatformApi> api, String dataset, String model) {
    this.api = api;
    this.dataset = dataset;
    this.model = model;
  }

  /**
   * Both clients start.
   *
   * @param api asked for before each try, as an address may change
   */
  static Load start(Supplier<PlatformApi> api, String dataset, String model) {
    Load load = new Load(api, dataset, model);
    load.clients.add(Thread.ofVirtual().start(load::upload));
    load.clients.add(Thread.ofVirtual().start(load::complete));
    return load;
  }

  private void upload() {
    while (!stopped) {
      int number = documents.get();
      insist(
          "/api/datasets/" + dataset + "/documents",
          "application/x-ndjson",
          "{\"id\":\"n%d\",\"text\":\"document number %d\"}".formatted(number, number),
          dataset + "-" + number);
      documents.incrementAndGet();
    }
  }

  private void complete() {
    while (!stopped) {
      insist(
          "/v1/completions",
          "application/json",
          "{\"model\":\"%s\",\"prompt\":\"one two\",\"max_tokens\":8}".formatted(model),
          "");
      completions.incrementAndGet();
    }
  }

  private void insist(String path, String type, String body, String idempotencyKey) {
    Instant limit = Instant.now().plus(PATIENCE);
    String failure;
    do {
      failure = once(path, type, body, idempotencyKey);
      if (failure.isEmpty()) {
        return;
      }
      failures.add(failure);
    } while (Instant.now().isBefore(limit) && pause());
    lost.add(path + " " + body + ": " + failure);
  }

  /** Empty, or why the request was not answered well. */
  private String once(String path, String type, String body, String idempotencyKey) {
    try {
      PlatformApi now = api.get();
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create(now.address() + path))
              .timeout(TIMEOUT)
              .header("Authorization", "Bearer " + now.key())
              .header("Content-Type", type)
              .POST(BodyPublishers.ofString(body));
      if (!idempotencyKey.isEmpty()) {
        request.header("Idempotency-Key", idempotencyKey);
      }
      var answer = http.send(request.build(), BodyHandlers.ofString());
      return answer.statusCode() / 100 == 2 ? "" : answer.statusCode() + " " + answer.body();
    } catch (IOException | RuntimeException e) {
      return e.toString();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return e.toString();
    }
  }

  private static boolean pause() {
    try {
      Thread.sleep(Duration.ofMillis(500));
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Documents that were taken. */
  int documents() {
    return documents.get();
  }

  /** Completions that came. */
  int completions() {
    return completions.get();
  }

  /** Requests that never were answered well, and why the last try was not. */
  List<String> lost() {
    return List.copyOf(lost);
  }

  /** Tries that failed, and why. */
  List<String> failures() {
    return List.copyOf(failures);
  }

  /** Begins nothing more, and returns when what was begun has ended. */
  @Override
  public void close() throws InterruptedException {
    stopped = true;
    for (Thread client : clients) {
      client.join();
    }
  }
}
