package io.millrace.standalone.detect;

import io.millrace.standalone.client.PlatformClient;
import io.millrace.vision.box.Box;
import io.millrace.vision.box.Detection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Asks a platform's gateway what is in a picture. */
final class DetectClient {

  private final PlatformClient platform;
  private final String path;
  private final Map<String, Integer> classes = new LinkedHashMap<>();

  /** A client of one model; {@code options} by the names of the request's parameters. */
  DetectClient(PlatformClient platform, String model, Map<String, String> options) {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("model", model);
    parameters.putAll(options);
    this.platform = platform;
    this.path = PlatformClient.path("/api/detect", parameters);
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
   * @throws io.millrace.standalone.terminal.UserError with the platform's reason, or if it does not
   *     answer
   */
  Answer find(String name, byte[] picture) {
    JsonNode body = platform.postPicture(name, path, picture);
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
}
