package io.millrace.benchmarks.served;

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
public final class ServedPlatform {

  private static final Duration TIMEOUT = Duration.ofMinutes(5);

  private final JsonMapper json = JsonMapper.shared();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI address;
  private final String apiKey;

  /** A client with a key. */
  public ServedPlatform(URI address, String apiKey) {
    this.address = address;
    this.apiKey = apiKey;
  }

  /** The answer to a GET. */
  public JsonNode get(String path) throws IOException, InterruptedException {
    return read(send(request(path).GET().build()));
  }

  /** The answer to a POST of JSON. */
  public JsonNode post(String path, Map<String, ?> body) throws IOException, InterruptedException {
    return post(path, "application/json", json.writeValueAsString(body));
  }

  /** The answer to a POST. */
  public JsonNode post(String path, String type, String body)
      throws IOException, InterruptedException {
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
  public void await(String path, Function<JsonNode, String> state, String wanted)
      throws IOException, InterruptedException {
    await(path, state, wanted, TIMEOUT);
  }

  /**
   * Waits until something of an answer is as wanted.
   *
   * @throws IOException if it is "failed", or not so within the time
   */
  public void await(String path, Function<JsonNode, String> state, String wanted, Duration timeout)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    JsonNode found = get(path);
    while (!state.apply(found).equals(wanted)) {
      if (state.apply(found).equals("failed") || System.nanoTime() > end) {
        throw new IOException("%s is not %s: %s".formatted(path, wanted, found));
      }
      Thread.sleep(200);
      found = get(path);
    }
  }

  /** A request that is not sent yet. */
  public HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(address.resolve(path))
        .timeout(TIMEOUT)
        .header("Authorization", "Bearer " + apiKey);
  }

  /** Any answer, errors too. */
  public HttpResponse<byte[]> send(HttpRequest request) throws IOException, InterruptedException {
    return http.send(request, BodyHandlers.ofByteArray());
  }

  /**
   * The body of an answer.
   *
   * @throws IOException if it is an error
   */
  public JsonNode read(HttpResponse<byte[]> response) throws IOException {
    JsonNode body = json.readTree(response.body());
    if (response.statusCode() / 100 != 2) {
      throw new IOException(
          "%s answered %d: %s".formatted(response.uri().getPath(), response.statusCode(), body));
    }
    return body;
  }
}
