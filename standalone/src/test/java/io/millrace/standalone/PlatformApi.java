package io.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A platform's REST interface; what it refuses fails the test.
 *
 * @param address like http://127.0.0.1:8080
 */
public record PlatformApi(String address, String key) {

  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final JsonMapper JSON = JsonMapper.shared();

  public JsonNode get(String path) throws IOException, InterruptedException {
    return answer(request(path).build());
  }

  public JsonNode post(String path, Map<String, ?> body) throws IOException, InterruptedException {
    return send(path, "application/json", JSON.writeValueAsBytes(body));
  }

  public JsonNode send(String path, String type, byte[] body)
      throws IOException, InterruptedException {
    return answer(
        request(path).header("Content-Type", type).POST(BodyPublishers.ofByteArray(body)).build());
  }

  /** Waits until a version serves; it may be loaded some time after its run has ended. */
  void awaitServing(String model, int version) throws IOException, InterruptedException {
    while (true) {
      for (JsonNode one : get("/api/models").path("models")) {
        if (one.path("name").asString().equals(model) && one.path("version").asInt() == version) {
          return;
        }
      }
      Thread.sleep(100);
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(address + path))
        .header("Authorization", "Bearer " + key);
  }

  private static JsonNode answer(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<String> response = HTTP.send(request, BodyHandlers.ofString());
    assertThat(response.statusCode())
        .as("%s: %s", request.uri(), response.body())
        .isBetween(200, 299);
    return JSON.readTree(response.body());
  }
}
