package io.millrace.benchmarks;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A platform as a client of its gateway sees it. */
final class ServedPlatform {

  private static final Duration TIMEOUT = Duration.ofMinutes(5);

  private final JsonMapper json = JsonMapper.shared();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI address;
  private final String apiKey;

  ServedPlatform(URI address, String apiKey) {
    this.address = address;
    this.apiKey = apiKey;
  }

  JsonNode get(String path) throws IOException, InterruptedException {
    return read(send(request(path).GET().build()));
  }

  JsonNode post(String path, Map<String, ?> body) throws IOException, InterruptedException {
    return post(path, "application/json", json.writeValueAsString(body));
  }

  JsonNode post(String path, String type, String body) throws IOException, InterruptedException {
    return read(
        send(
            request(path)
                .header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build()));
  }

  /**
   * Waits until something of an answer is as wanted.
   *
   * @throws IOException if it is "failed", or not so after five minutes
   */
  void await(String path, Function<JsonNode, String> state, String wanted)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + TIMEOUT.toNanos();
    JsonNode found = get(path);
    while (!state.apply(found).equals(wanted)) {
      if (state.apply(found).equals("failed") || System.nanoTime() > end) {
        throw new IOException("%s is not %s: %s".formatted(path, wanted, found));
      }
      Thread.sleep(200);
      found = get(path);
    }
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(address.resolve(path))
        .timeout(TIMEOUT)
        .header("Authorization", "Bearer " + apiKey);
  }

  HttpResponse<byte[]> send(HttpRequest request) throws IOException, InterruptedException {
    return http.send(request, BodyHandlers.ofByteArray());
  }

  JsonNode read(HttpResponse<byte[]> response) throws IOException {
    JsonNode body = json.readTree(response.body());
    if (response.statusCode() / 100 != 2) {
      throw new IOException(
          "%s answered %d: %s".formatted(response.uri().getPath(), response.statusCode(), body));
    }
    return body;
  }
}
