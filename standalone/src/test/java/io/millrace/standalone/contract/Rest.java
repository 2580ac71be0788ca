package io.millrace.standalone.contract;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A client of the gateway's REST API. */
final class Rest implements AutoCloseable {
  static final String JSON = "application/json";

  private static final JsonMapper MAPPER = JsonMapper.shared();
  private static final Duration TIMEOUT = Duration.ofSeconds(240);

  private final URI address;
  private final String key;
  private final Calls calls;
  private final Map<String, String> headers;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  Rest(URI address, String key, Calls calls) {
    this(address, key, calls, Map.of());
  }

  private Rest(URI address, String key, Calls calls, Map<String, String> headers) {
    this.address = address;
    this.key = key;
    this.calls = calls;
    this.headers = headers;
  }

  /** An answer. */
  record Answer(HttpResponse<byte[]> response) {
    int status() {
      return response.statusCode();
    }

    String contentType() {
      return response.headers().firstValue("Content-Type").orElse("");
    }

    String text() {
      return new String(response.body(), StandardCharsets.UTF_8);
    }

    JsonNode json() {
      return MAPPER.readTree(response.body());
    }

    /** The answer as JSON, if it is of this status; else what the platform says against it. */
    JsonNode expect(int status) {
      if (status() != status) {
        throw Refusal.of(this);
      }
      return response.body().length == 0 ? MAPPER.createObjectNode() : json();
    }
  }

  /** The same client with a header in every request. */
  Rest with(String header, String value) {
    return new Rest(address, key, calls, Map.of(header, value));
  }

  URI address() {
    return address;
  }

  String key() {
    return key;
  }

  Answer get(String path) {
    return send("GET", path, "", new byte[0]);
  }

  Answer delete(String path) {
    return send("DELETE", path, "", new byte[0]);
  }

  Answer patch(String path, Map<String, ?> json) {
    return send("PATCH", path, JSON, MAPPER.writeValueAsBytes(json));
  }

  Answer post(String path, Map<String, ?> json) {
    return send("POST", path, JSON, MAPPER.writeValueAsBytes(json));
  }

  Answer post(String path, String contentType, String body) {
    return send("POST", path, contentType, body.getBytes(StandardCharsets.UTF_8));
  }

  Answer post(String path, Form form) {
    return send("POST", path, Form.CONTENT_TYPE, form.bytes());
  }

  /** Sends a request with the administrator's key. */
  Answer send(String verb, String path, String contentType, byte[] body) {
    return send(verb, path, contentType, body, "Bearer " + key);
  }

  /**
   * Sends a request.
   *
   * @param path with the query
   * @param contentType empty: none
   * @param authorization null: none
   */
  Answer send(
      String verb, String path, String contentType, byte[] body, @Nullable String authorization) {
    String plain = path.replaceFirst("\\?.*", "");
    calls.request(verb, plain, contentType.replaceFirst(";.*", ""));
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address.resolve(path))
            .timeout(TIMEOUT)
            .method(
                verb,
                body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    headers.forEach(request::header);
    if (!contentType.isEmpty()) {
      request.header("Content-Type", contentType);
    }
    try {
      Answer answer = new Answer(http.send(request.build(), BodyHandlers.ofByteArray()));
      if (answer.contentType().contains("json") && answer.response().body().length > 0) {
        calls.answer(verb, plain, answer.status(), answer.json());
      }
      return answer;
    } catch (IOException e) {
      throw new UncheckedIOException(verb + " " + path, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
