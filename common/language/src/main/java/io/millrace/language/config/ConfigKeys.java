package io.millrace.language.config;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Brings the keys of transformers 5 to those of the released models: {@code rope_parameters} to
 * {@code rope_theta} and {@code rope_scaling}, {@code dtype} to {@code torch_dtype}.
 */
final class ConfigKeys {

  private ConfigKeys() {}

  /** A copy of a config.json with the released keys. */
  static ObjectNode released(ObjectNode tree) {
    ObjectNode copy = tree.deepCopy();
    JsonNode type = copy.remove("dtype");
    if (type != null && !copy.hasNonNull("torch_dtype")) {
      copy.set("torch_dtype", type);
    }
    if (copy.remove("rope_parameters") instanceof ObjectNode rope) {
      JsonNode theta = rope.remove("rope_theta");
      if (theta != null && !copy.hasNonNull("rope_theta")) {
        copy.set("rope_theta", theta);
      }
      JsonNode kind = rope.remove("rope_type");
      if (kind != null && !rope.has("type")) {
        rope.set("type", kind);
      }
      boolean plain = rope.path("type").asString("default").equals("default");
      if (!plain && !copy.hasNonNull("rope_scaling")) {
        copy.set("rope_scaling", rope);
      }
    }
    return copy;
  }
}
