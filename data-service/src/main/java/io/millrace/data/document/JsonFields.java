package io.millrace.data.document;

import io.millrace.platform.error.MillraceException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads fields of JSON objects and says by their place what is wrong with them. */
final class JsonFields {
  private JsonFields() {}

  /** The string in a field that must be there. */
  static String string(JsonNode node, String field, String at) {
    JsonNode value = node.get(field);
    if (value == null) {
      throw invalid(at + field, "field '" + at + field + "' is missing");
    }
    if (!value.isString()) {
      throw invalid(at + field, at + field + " must be a string");
    }
    return value.stringValue();
  }

  /** The id of a document: a string or a whole number; empty if there is none. */
  static String id(@Nullable JsonNode id) {
    if (id == null || id.isNull()) {
      return "";
    }
    if (id.isIntegralNumber()) {
      return id.asString();
    }
    if (!id.isString()) {
      throw invalid("id", "id must be a string or a whole number");
    }
    return id.stringValue();
  }

  /** A label: a string or a whole number, as some write classes; empty if there is none. */
  static String label(@Nullable JsonNode label) {
    if (label == null || label.isNull()) {
      return "";
    }
    if (!label.isString() && !label.isIntegralNumber()) {
      throw invalid("label", "label must be a string or a whole number, the name of a class");
    }
    return label.asString();
  }

  /** Refuses fields of other names. */
  static void requireKnown(JsonNode node, Set<String> fields, String at) {
    for (String field : node.propertyNames()) {
      if (!fields.contains(field)) {
        throw invalid(at + field, unknown(at + field, fields));
      }
    }
  }

  /** Says that a field is unknown, and which are known. */
  static String unknown(String field, Set<String> known) {
    return "unknown field '%s'; known are %s"
        .formatted(field, String.join(", ", known.stream().sorted().toList()));
  }

  static MillraceException invalid(String field, String message) {
    return MillraceException.invalid(field, message);
  }
}
