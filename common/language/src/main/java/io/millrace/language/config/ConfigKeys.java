package io.millrace.language.config;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Brings the keys of transformers 5 to those of the released models: {@code rope_parameters} to
 * {@code rope_theta} and {@code rope_scaling}, {@code dtype} to {@code torch_dtype}, {@code
 * num_mtp_layers} to {@code num_nextn_predict_layers}, the first of several ends of a document to
 * the one, and keys that may be missing to their defaults.
 *
 * <p>Two keys that say the same thing must say it alike: readers differ in which of them they
 * believe.
 */
final class ConfigKeys {

  private static final String THETA = "rope_theta";
  private static final String PARAMETERS = "rope_parameters";
  private static final String SCALING = "rope_scaling";
  private static final String CONTEXT = "original_max_position_embeddings";
  private static final String END = "eos_token_id";

  /** Keys with null as a value of its own. */
  private static final Set<String> NULLABLE = Set.of("q_lora_rank", SCALING);

  private ConfigKeys() {}

  /**
   * A copy of a config.json with the released keys.
   *
   * @throws IllegalArgumentException if keys contradict each other, or one is null that has no such
   *     value
   */
  static ObjectNode released(ObjectNode tree) {
    ObjectNode copy = tree.deepCopy();
    rename(copy, "", "dtype", "torch_dtype");
    rename(copy, "", "num_mtp_layers", "num_nextn_predict_layers");
    if (copy.path(END).isArray() && !copy.path(END).isEmpty()) {
      copy.set(END, copy.path(END).get(0));
    }
    rope(copy);
    defaults(copy);
    for (String key : keys(LanguageConfig.class)) {
      requireValue(copy, "", key);
    }
    if (copy.get(SCALING) instanceof ObjectNode scaling) {
      keys(RopeScaling.class).forEach(key -> requireValue(scaling, SCALING + ".", key));
    }
    return copy;
  }

  private static void rope(ObjectNode copy) {
    ObjectNode parameters = ropeObject(copy, PARAMETERS);
    ObjectNode scaling = ropeObject(copy, SCALING);
    for (ObjectNode inner : List.of(parameters, scaling)) {
      String of = inner == parameters ? PARAMETERS : SCALING;
      move(inner, of + "." + THETA, THETA, copy, THETA, THETA);
      if (inner.has("type")) {
        move(copy, CONTEXT, CONTEXT, inner, of + "." + CONTEXT, CONTEXT);
      }
    }
    copy.remove(CONTEXT);
    boolean both = parameters.has("type") && scaling.has("type");
    if (both && !same(parameters, scaling)) {
      throw contradiction(PARAMETERS, parameters, SCALING, scaling);
    }
    ObjectNode found = parameters.has("type") ? parameters : scaling;
    if (found.isEmpty() || found.path("type").asString("").equals("default")) {
      copy.putNull(SCALING);
    } else {
      copy.set(SCALING, found);
    }
    copy.remove(PARAMETERS);
  }

  /** An object of the file with {@code type} under that name; empty if it is missing or null. */
  private static ObjectNode ropeObject(ObjectNode copy, String key) {
    JsonNode node = copy.path(key);
    if (node.isMissingNode() || node.isNull()) {
      return copy.objectNode();
    }
    if (!(node instanceof ObjectNode object)) {
      throw new IllegalArgumentException(key + " is " + node + "; it must be an object or null");
    }
    rename(object, key + ".", "rope_type", "type");
    return object;
  }

  private static void rename(ObjectNode node, String where, String from, String to) {
    JsonNode value = node.path(from);
    move(node, where + from, from, node, where + to, to);
    if (!value.isMissingNode()) {
      node.remove(from);
    }
  }

  /** Moves a value, unless it is missing or null; if it is there already, it must be the same. */
  private static void move(
      ObjectNode from,
      String fromName,
      String fromKey,
      ObjectNode to,
      String toName,
      String toKey) {
    JsonNode value = from.path(fromKey);
    if (value.isMissingNode() || value.isNull()) {
      return;
    }
    if (to.hasNonNull(toKey) && !same(value, to.path(toKey))) {
      throw contradiction(fromName, value, toName, to.path(toKey));
    }
    to.set(toKey, value);
    if (from != to && !fromKey.equals(CONTEXT)) {
      from.remove(fromKey);
    }
  }

  private static IllegalArgumentException contradiction(
      String one, JsonNode first, String other, JsonNode second) {
    return new IllegalArgumentException(
        "%s is %s, but %s is %s".formatted(one, first, other, second));
  }

  /** Whether two values are equal, numbers by their value: 0 is 0.0. */
  static boolean same(JsonNode one, JsonNode other) {
    if (one.isNumber() && other.isNumber()) {
      return one.asDouble() == other.asDouble();
    }
    if (one.isObject() && other.isObject()) {
      Set<String> keys = new TreeSet<>(one.propertyNames());
      keys.addAll(other.propertyNames());
      return keys.stream().allMatch(key -> same(one.path(key), other.path(key)));
    }
    return one.equals(other);
  }

  private static void requireValue(ObjectNode node, String where, String key) {
    JsonNode value = node.get(key);
    if (value != null && value.isNull() && !NULLABLE.contains(key)) {
      throw new IllegalArgumentException(where + key + " is null; it must have a value");
    }
  }

  private static List<String> keys(Class<? extends Record> type) {
    return Arrays.stream(type.getRecordComponents())
        .map(RecordComponent::getName)
        .map(name -> name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT))
        .toList();
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
    if (copy.get(SCALING) instanceof ObjectNode scaling) {
      Map.of("beta_fast", 32.0, "beta_slow", 1.0, "mscale", 0.0, "mscale_all_dim", 0.0)
          .forEach((key, value) -> {
            if (!scaling.hasNonNull(key)) {
              scaling.put(key, value);
            }
          });
    }
  }
}
