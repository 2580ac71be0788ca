package io.millrace.vision.detector;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Completes a {@code config.json} that was written before some keys were there. */
final class EarlierForms {

  private EarlierForms() {}

  /** Adds what the keys that it lacks stand for; changes nothing else. */
  static void complete(JsonNode config) {
    if (config instanceof ObjectNode detector
        && detector.path("architecture").asString("").equals(DetectorConfig.ARCHITECTURE)
        && !detector.has("upsampling")) {
      detector.putObject("upsampling").put("type", "none");
    }
    if (config.path("head").path("boxes") instanceof ObjectNode boxes) {
      completeBoxes(boxes);
    }
    if (config.path("head") instanceof ObjectNode head
        && head.path("type").asString("").equals("mtcnn")
        && !head.has("chained")) {
      head.put("chained", false);
    }
  }

  /** Boxes were told by two connected layers of a width. */
  private static void completeBoxes(ObjectNode boxes) {
    if (boxes.has("width") && !boxes.has("network")) {
      boxes.putObject("network").put("type", "connected").set("width", boxes.remove("width"));
    }
  }
}
