package io.millrace.standalone.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The gateway's REST API as an ordinary client sees it: an address and an API key. */
public final class GatewayClient implements AutoCloseable {

  private static final Duration TIMEOUT = Duration.ofMinutes(5);

  private final JsonMapper json = JsonMapper.builder().build();
  private final HttpClient http;
  private final URI address;
  private final String apiKey;

  /** A client that shows {@code apiKey}. */
  public GatewayClient(URI address, String apiKey) {
    this.address = address;
    this.apiKey = apiKey;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .build();
  }

  JsonNode get(String path) {
    return exchange("GET", path, "application/json", BodyPublishers.noBody());
  }

  JsonNode post(String path, Map<String, ?> body) {
    return exchange(
        "POST", path, "application/json", BodyPublishers.ofString(json.writeValueAsString(body)));
  }

  JsonNode post(String path, String contentType, byte[] body) {
    return exchange("POST", path, contentType, BodyPublishers.ofByteArray(body));
  }

  /** One JSON value on one line. */
  String line(Map<String, ?> value) {
    return json.writeValueAsString(value) + "\n";
  }

  /** Asks for a streamed completion and reads it to its end. */
  StreamedCompletion complete(String model, String prompt, int maxTokens, double temperature) {
    return stream("/v1/completions", model, Map.of("prompt", prompt), maxTokens, temperature);
  }

  /** Asks a question in a conversation and reads the streamed answer to its end. */
  StreamedCompletion chat(String model, String question, int maxTokens, double temperature) {
    return stream(
        "/v1/chat/completions",
        model,
        Map.of("messages", List.of(Map.of("role", "user", "content", question))),
        maxTokens,
        temperature);
  }

  private StreamedCompletion stream(
      String path, String model, Map<String, ?> input, int maxTokens, double temperature) {
    Map<String, Object> body = new HashMap<>(input);
    body.put("model", model);
    body.put("max_tokens", maxTokens);
    body.put("temperature", temperature);
    body.put("seed", 1);
    body.put("stream", true);
    body.put("stream_options", Map.of("include_usage", true));
    HttpRequest request =
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json.writeValueAsString(body)))
            .build();
    return send(
        request,
        response -> {
          StreamedCompletion.Builder completion = new StreamedCompletion.Builder();
          try (BufferedReader lines =
              new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
              if (!line.startsWith("data:")) {
                continue;
              }
              String data = line.substring("data:".length()).strip();
              if (data.equals("[DONE]")) {
                return completion.build();
              }
              completion.add(json.readTree(data), System.nanoTime());
            }
          }
          throw new IOException("the stream of " + request.uri() + " ended without [DONE]");
        });
  }

  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    http.close();
  }

  private JsonNode exchange(String method, String path, String contentType, BodyPublisher body) {
    HttpRequest request =
        request(path).header("Content-Type", contentType).method(method, body).build();
    return send(request, response -> json.readTree(response.body().readAllBytes()));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(address.resolve(path))
        .timeout(TIMEOUT)
        .header("Authorization", "Bearer " + apiKey);
  }

  private <T> T send(HttpRequest request, BodyReader<T> reader) {
    try {
      HttpResponse<InputStream> response = http.send(request, BodyHandlers.ofInputStream());
      if (response.statusCode() / 100 != 2) {
        String text = new String(response.body().readAllBytes(), StandardCharsets.UTF_8);
        throw new GatewayException(
            "%s %s answered %d: %s"
                .formatted(request.method(), request.uri().getPath(), response.statusCode(), text));
      }
      return reader.read(response);
    } catch (IOException e) {
      throw new GatewayException(
          request.method() + " " + request.uri().getPath() + " failed: " + e, e);
    } catch (JacksonException e) {
      throw new GatewayException(
          "%s %s did not answer with JSON: %s"
              .formatted(request.method(), request.uri().getPath(), e.getOriginalMessage()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new GatewayException("interrupted in " + request.uri().getPath(), e);
    }
  }

  @FunctionalInterface
  private interface BodyReader<T> {
    T read(HttpResponse<InputStream> response) throws IOException;
  }
}
