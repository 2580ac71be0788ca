package io.millrace.language.config;

import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Brings the keys of transformers 5 to those of the released models: {@code rope_parameters} to
 * {@code rope_theta} and {@code rope_scaling}, {@code dtype} to {@code torch_dtype}, and keys that
 * may be missing to their defaults.
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
    defaults(copy);
    return copy;
  }

  /** What the released form leaves out and means. */
  private static void defaults(ObjectNode copy) {
    if (!copy.has("hidden_act")) {
      copy.put("hidden_act", "silu");
    }
    for (String key : List.of("attention_bias", "mlp_bias", "router_bias")) {
      if (!copy.has(key)) {
        copy.put(key, false);
      }
    }
    if (!(copy.get("rope_scaling") instanceof ObjectNode scaling)) {
      copy.putNull("rope_scaling");
      return;
    }
    JsonNode kind = scaling.remove("rope_type");
    if (kind != null && !scaling.has("type")) {
      scaling.set("type", kind);
    }
    if (!scaling.has("beta_fast")) {
      scaling.put("beta_fast", 32.0);
    }
    if (!scaling.has("beta_slow")) {
      scaling.put("beta_slow", 1.0);
    }
    for (String key : List.of("mscale", "mscale_all_dim")) {
      if (!scaling.hasNonNull(key)) {
        scaling.put(key, 0.0);
      }
    }
  }
}
