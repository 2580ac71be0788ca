package io.millrace.data;

import io.millrace.platform.security.InternalToken;
import io.millrace.platform.service.ServiceLauncher;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.function.Predicate;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A data service and how tests talk to it over HTTP. */
final class DataServiceClient implements AutoCloseable {
  static final String NDJSON = "application/x-ndjson";

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final JsonMapper json = JsonMapper.builder().build();
  final ConfigurableApplicationContext service;

  DataServiceClient(Map<String, ?> properties) {
    service =
        ServiceLauncher.start(
            DataServiceApplication.class, DataServiceApplication.NAME, properties);
  }

  record Answer(int status, JsonNode body, HttpResponse<String> response) {
    String detail() {
      return body.path("detail").asString();
    }
  }

  Answer get(String path) {
    return send("GET", path, null, BodyPublishers.noBody());
  }

  Answer delete(String path) {
    return send("DELETE", path, null, BodyPublishers.noBody());
  }

  Answer deleteAsAdministrator(String path) {
    return answer(
        HttpRequest.newBuilder(
                URI.create("http://localhost:" + ServiceLauncher.httpPort(service) + path))
            .header(
                InternalToken.HEADER,
                service.getBean(InternalToken.class).issue("key:admin", /* administrator= */ true))
            .DELETE()
            .build());
  }

  Answer post(String path, String body) {
    return send("POST", path, "application/json", BodyPublishers.ofString(body));
  }

  Answer post(String path, String contentType, String body) {
    return send("POST", path, contentType, BodyPublishers.ofString(body));
  }

  Answer post(String path, String contentType, String body, String header, String value) {
    return send("POST", path, contentType, BodyPublishers.ofString(body), header, value);
  }

  Answer send(
      String method,
      String path,
      @org.jspecify.annotations.Nullable String contentType,
      BodyPublisher body,
      String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create("http://localhost:" + ServiceLauncher.httpPort(service) + path))
            .timeout(Duration.ofSeconds(180))
            .header(InternalToken.HEADER, service.getBean(InternalToken.class).issue("key:test"))
            .method(method, body);
    if (headers.length > 0) {
      request.headers(headers);
    }
    if (contentType != null) {
      request.header("Content-Type", contentType);
    }
    return answer(request.build());
  }

  private Answer answer(HttpRequest request) {
    try {
      HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
      return new Answer(
          response.statusCode(),
          response.body().isEmpty() ? json.createObjectNode() : json.readTree(response.body()),
          response);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Looks at a dataset again and again until it is as wanted. */
  JsonNode await(String dataset, Predicate<JsonNode> wanted) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(120).toNanos();
    while (true) {
      JsonNode body = get("/api/datasets/" + dataset).body();
      if (wanted.test(body)) {
        return body;
      }
      if (System.nanoTime() > deadline) {
        throw new AssertionError("still " + body);
      }
      Thread.sleep(50);
    }
  }

  /**
   * Waits until documents were rejected and their letters can be read, which is told by one a
   * moment before the other.
   */
  JsonNode awaitRejected(String dataset, int count) throws InterruptedException {
    return await(
        dataset,
        body ->
            body.path("counts").path("rejected").asInt() == count
                && get("/api/datasets/" + dataset + "/rejected").body().path("rejected").size()
                    == count);
  }

  @Override
  public void close() {
    http.close();
    service.close();
  }
}
