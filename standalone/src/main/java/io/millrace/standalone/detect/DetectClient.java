package io.millrace.standalone.detect;

import io.millrace.standalone.terminal.UserError;
import io.millrace.vision.box.Box;
import io.millrace.vision.box.Detection;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks a platform's gateway what is in a picture. */
final class DetectClient implements AutoCloseable {

  private static final Duration TIMEOUT = Duration.ofMinutes(5);

  private final JsonMapper json = JsonMapper.shared();
  private final HttpClient http = HttpClient.newHttpClient();
  private final URI gateway;
  private final String apiKey;
  private final String query;
  private final Map<String, Integer> classes = new LinkedHashMap<>();

  /** A client of one model; {@code options} by the names of the request's parameters. */
  DetectClient(URI gateway, String apiKey, String model, Map<String, String> options) {
    this.gateway = gateway;
    this.apiKey = apiKey;
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("model", model);
    parameters.putAll(options);
    this.query =
        parameters.entrySet().stream()
            .map(one ->
                one.getKey() + "=" + URLEncoder.encode(one.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
  }

  /**
   * What was found in a picture; classes are numbered as they first occur.
   *
   * @param version of the model
   */
  record Answer(int version, int width, int height, List<Detection> detections) {}

  /**
   * Sends a picture.
   *
   * @param name of its file, for messages
   * @throws UserError with the platform's reason, or if it does not answer
   */
  Answer find(String name, byte[] picture) {
    boolean png = picture.length > 1 && picture[1] == 'P';
    try {
      HttpRequest request =
          HttpRequest.newBuilder(gateway.resolve("/api/detect?" + query))
              .timeout(TIMEOUT)
              .header("Authorization", "Bearer " + apiKey)
              .header("Accept", "application/json")
              .header("Content-Type", png ? "image/png" : "image/jpeg")
              .POST(BodyPublishers.ofByteArray(picture))
              .build();
      HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
      JsonNode body = json.readTree(response.body());
      if (response.statusCode() != 200) {
        throw new UserError(
            "%s: the platform answered %d: %s"
                .formatted(name, response.statusCode(), body.path("detail").asString("")));
      }
      return answer(body);
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

  private Answer answer(JsonNode body) {
    List<Detection> detections = new ArrayList<>();
    for (JsonNode one : body.path("detections")) {
      String label = one.path("label").asString();
      Integer number = classes.computeIfAbsent(label, _ -> classes.size());
      Box box =
          new Box(
              one.path("x").asDouble(),
              one.path("y").asDouble(),
              one.path("width").asDouble(),
              one.path("height").asDouble());
      detections.add(new Detection(box, number, label, one.path("score").asDouble()));
    }
    return new Answer(
        body.path("model_version").asInt(),
        body.path("image_width").asInt(),
        body.path("image_height").asInt(),
        detections);
  }

  @Override
  public void close() {
    http.close();
  }
}
