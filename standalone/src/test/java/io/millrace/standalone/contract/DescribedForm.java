package io.millrace.standalone.contract;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * Compares JSON with the schema that describes it. A field that no schema names is a fault, too:
 * whoever reads the description does not know of it.
 */
final class DescribedForm {
  private final JsonNode description;
  private final List<String> faults = new ArrayList<>();

  private DescribedForm(JsonNode description) {
    this.description = description;
  }

  /**
   * What is wrong.
   *
   * @param description that references lead into
   * @param schema of the JSON
   */
  static List<String> faults(JsonNode description, JsonNode schema, JsonNode json) {
    DescribedForm form = new DescribedForm(description);
    form.compare(schema, json, "");
    return form.faults;
  }

  private void compare(JsonNode schema, JsonNode json, String place) {
    String reference = schema.path("$ref").asString("");
    if (!reference.isEmpty()) {
      compare(description.at(reference.substring(1)), json, place);
      return;
    }
    boolean any = !schema.has("type") && !schema.has("properties");
    if (json.isNull() || any) {
      return;
    }
    JsonNode types = schema.path("type");
    String type = (types.isArray() ? types.path(0) : types).asString("object");
    if (!isOf(type, json)) {
      faults.add("%s is no %s: %s".formatted(place, type, json));
    } else if (json.isArray()) {
      json.forEach(element -> compare(schema.path("items"), element, place + "[]"));
    } else if (json.isObject()) {
      compareFields(schema, json, place);
    }
  }

  private void compareFields(JsonNode schema, JsonNode json, String place) {
    json.forEachEntry((name, value) -> {
      JsonNode field = schema.path("properties").path(name);
      if (!field.isMissingNode()) {
        compare(field, value, place + "." + name);
      } else if (schema.has("additionalProperties")) {
        compare(schema.path("additionalProperties"), value, place + "." + name);
      } else {
        faults.add(place + "." + name + " is not described");
      }
    });
  }

  private static boolean isOf(String type, JsonNode json) {
    return switch (type) {
      case "object" -> json.isObject();
      case "array" -> json.isArray();
      case "string" -> json.isString();
      case "boolean" -> json.isBoolean();
      case "integer" -> json.isIntegralNumber();
      case "number" -> json.isNumber();
      default -> throw new IllegalArgumentException("type " + type);
    };
  }
}
