package io.millrace.inference.detect;

import io.millrace.input.PlainNumber;
import io.millrace.platform.error.MillraceException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a query and the fields of a form, by name.
 *
 * @param values of each name
 */
record DetectParameters(Map<String, List<String>> values) {

  private static final Set<String> KNOWN =
      Set.of(
          "model",
          "min_score",
          "max_detections",
          "nms",
          "nms_threshold",
          "nms_agnostic",
          "slice_size",
          "slice_overlap",
          "scales");

  /** Names that mean nothing. */
  Set<String> unknown() {
    Set<String> unknown = new TreeSet<>(values.keySet());
    unknown.removeAll(KNOWN);
    return unknown;
  }

  /** All names that mean something, with commas. */
  static String known() {
    return String.join(", ", new TreeSet<>(KNOWN));
  }

  /**
   * Name of the model.
   *
   * @throws MillraceException INVALID_ARGUMENT if it is missing
   */
  String model() {
    String model = text("model");
    if (model == null) {
      throw MillraceException.invalid("model", "model is missing");
    }
    return model;
  }

  /**
   * What is wanted beside the model.
   *
   * @throws MillraceException INVALID_ARGUMENT if a value is no number, or given twice
   */
  DetectWishes wishes() {
    return new DetectWishes(
        parsed("min_score", "a number", PlainNumber::decimal),
        parsed("max_detections", "a whole number", PlainNumber::whole),
        text("nms"),
        parsed("nms_threshold", "a number", PlainNumber::decimal),
        parsed("nms_agnostic", "true or false", DetectParameters::flag),
        parsed("slice_size", "a whole number", PlainNumber::whole),
        parsed("slice_overlap", "a number", PlainNumber::decimal),
        text("scales"));
  }

  private static boolean flag(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException(text);
    };
  }

  private <T> @Nullable T parsed(String name, String kind, Function<String, T> parser) {
    String text = text(name);
    if (text == null) {
      return null;
    }
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      throw MillraceException.invalid(
          name, "%s must be %s, it is '%s'".formatted(name, kind, text));
    }
  }

  private @Nullable String text(String name) {
    List<String> given = values.getOrDefault(name, List.of());
    if (given.size() > 1) {
      throw MillraceException.invalid(name, name + " is given " + given.size() + " times");
    }
    return given.isEmpty() || given.getFirst().isEmpty() ? null : given.getFirst();
  }
}
