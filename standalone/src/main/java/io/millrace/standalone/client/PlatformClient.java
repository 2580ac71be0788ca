package io.millrace.standalone.client;

import io.millrace.standalone.terminal.UserError;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks a platform's gateway. */
public final class PlatformClient implements AutoCloseable {

  private static final Duration TIMEOUT = Duration.ofMinutes(5);

  private final JsonMapper json = JsonMapper.shared();
  private final HttpClient http = HttpClient.newHttpClient();
  private final URI gateway;
  private final String apiKey;

  PlatformClient(URI gateway, String apiKey) {
    this.gateway = gateway;
    this.apiKey = apiKey;
  }

  /** A path with parameters. */
  public static String path(String path, Map<String, String> parameters) {
    return parameters.entrySet().stream()
        .map(one -> one.getKey() + "=" + URLEncoder.encode(one.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&", path + "?", ""));
  }

  /**
   * Sends JSON.
   *
   * @param name of what is asked about, for messages
   * @throws UserError with the platform's reason, or if it does not answer
   */
  public JsonNode post(String name, String path, Map<String, ?> body) {
    return post(name, path, "application/json", json.writeValueAsBytes(body));
  }

  /**
   * Sends a PNG or JPEG file.
   *
   * @throws UserError with the platform's reason, or if it does not answer
   */
  public JsonNode postPicture(String name, String path, byte[] picture) {
    boolean png = picture.length > 1 && picture[1] == 'P';
    return post(name, path, png ? "image/png" : "image/jpeg", picture);
  }

  private JsonNode post(String name, String path, String contentType, byte[] content) {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(gateway.resolve(path))
              .timeout(TIMEOUT)
              .header("Authorization", "Bearer " + apiKey)
              .header("Accept", "application/json")
              .header("Content-Type", contentType)
              .POST(BodyPublishers.ofByteArray(content))
              .build();
      HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
      JsonNode body = json.readTree(response.body());
      if (response.statusCode() != 200) {
        throw new UserError(
            "%s: the platform answered %d: %s"
                .formatted(name, response.statusCode(), body.path("detail").asString("")));
      }
      return body;
    } catch (IOException | IllegalArgumentException e) {
      throw new UserError(
          "no platform answers at %s (%s): start it with ./millrace up, or name its --url"
              .formatted(gateway, e),
          e);
    } catch (JacksonException e) {
      throw new UserError(
          "%s does not answer as a platform does: %s".formatted(gateway, e.getOriginalMessage()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserError("interrupted at " + name, e);
    }
  }

  @Override
  public void close() {
    http.close();
  }
}
