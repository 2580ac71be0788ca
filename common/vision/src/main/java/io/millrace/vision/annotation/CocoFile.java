package io.millrace.vision.annotation;

import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** What a JSON file of a COCO set is, and how its values are read. */
final class CocoFile {

  /** Whole numbers by value, then texts. */
  static final Comparator<String> BY_ID =
      Comparator.comparing((String id) -> !isNumber(id))
          .thenComparing(id -> isNumber(id) ? Long.parseLong(id) : 0L)
          .thenComparing(id -> id);

  private static final Map<String, String> SPLITS =
      Map.of(
          "train",
          "train",
          "training",
          "train",
          "trainval",
          "train",
          "val",
          "val",
          "valid",
          "val",
          "validation",
          "val",
          "test",
          "test",
          "testing",
          "test");

  /** Kinds of files that COCO's archives hold. */
  enum Kind {
    /** Boxes with categories: what is read. */
    BOXES,
    /** Boxes of persons with keypoints; the same pictures as in a file of boxes. */
    KEYPOINTS,
    CAPTIONS,
    /** Segments of whole pictures. */
    PANOPTIC,
    /** Pictures without annotations, such as those of the test parts. */
    PICTURES,
    /** No COCO at all. */
    OTHER
  }

  private CocoFile() {}

  static Kind kind(JsonNode tree) {
    if (!tree.path("images").isArray()) {
      return Kind.OTHER;
    }
    JsonNode annotations = tree.path("annotations");
    if (!annotations.isArray()) {
      return tree.has("info") || tree.has("categories") ? Kind.PICTURES : Kind.OTHER;
    }
    for (JsonNode annotation : annotations) {
      if (annotation.has("segments_info")) {
        return Kind.PANOPTIC;
      }
      if (annotation.has("caption") && !annotation.has("bbox")) {
        return Kind.CAPTIONS;
      }
      if (annotation.has("keypoints")) {
        return Kind.KEYPOINTS;
      }
      if (annotation.has("bbox") || annotation.has("category_id")) {
        return Kind.BOXES;
      }
    }
    return Kind.BOXES;
  }

  /** An id as a text, the same for 7, 7.0 and "7"; empty if the value is none. */
  static String id(JsonNode value) {
    if (value.isString()) {
      return value.stringValue().strip();
    }
    if (value.isNumber() && value.doubleValue() == Math.rint(value.doubleValue())) {
      return value.isIntegralNumber()
          ? value.asString()
          : Long.toString((long) value.doubleValue());
    }
    return "";
  }

  /** What is wrong with a name; empty if nothing is. */
  static String faultOfName(JsonNode value) {
    if (!value.isString() || value.stringValue().isBlank()) {
      return "is not a name";
    }
    return value.stringValue().chars().anyMatch(Character::isISOControl)
        ? "has control characters"
        : "";
  }

  /** The part that a file's name tells, or else a folder's above it; empty if none does. */
  static String split(String path) {
    String split = "";
    for (String word : path.toLowerCase(Locale.ROOT).split("[^a-z]+", -1)) {
      split = SPLITS.getOrDefault(word, split);
    }
    return split;
  }

  private static boolean isNumber(String id) {
    return id.matches("-?[0-9]{1,18}");
  }
}
