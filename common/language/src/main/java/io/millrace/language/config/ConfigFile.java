package io.millrace.language.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code config.json} in the released DeepSeek-V3 form.
 *
 * <p>Keys that would change the mathematics in a way this implementation does not know are refused;
 * other unknown keys are ignored, as Hugging Face does.
 */
public final class ConfigFile {

  /** Its name in a model folder. */
  public static final String NAME = "config.json";

  private static final long MAX_BYTES = 1 << 20;

  /** Keys of the released form with the only value this implementation computes. */
  private static final Map<String, Object> FIXED = fixed();

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private ConfigFile() {}

  /**
   * Reads a folder's configuration.
   *
   * @throws IOException if the file is missing, not JSON, lacks a key, contradicts itself or asks
   *     for something unknown; the message names file and key
   */
  public static LanguageConfig read(Path directory) throws IOException {
    Path file = directory.resolve(NAME);
    if (Files.size(file) > MAX_BYTES) {
      throw new IOException(file + " is larger than 1 MiB");
    }
    try {
      JsonNode tree = JSON.readTree(Files.readAllBytes(file));
      for (Map.Entry<String, Object> key : FIXED.entrySet()) {
        JsonNode value = tree.get(key.getKey());
        JsonNode expected = JSON.valueToTree(key.getValue());
        if (value != null && !value.isNull() && !value.equals(expected)) {
          throw new IOException(
              "%s: %s is %s; only %s is supported".formatted(file, key.getKey(), value, expected));
        }
      }
      if (tree.hasNonNull("rope_scaling")) {
        throw new IOException(file + ": rope_scaling is not supported");
      }
      return JSON.treeToValue(tree, LanguageConfig.class);
    } catch (JacksonException e) {
      throw new IOException(file + ": " + e.getOriginalMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  /** Writes a folder's configuration. */
  public static void write(LanguageConfig config, Path directory) throws IOException {
    ObjectNode tree = JSON.createObjectNode();
    tree.putArray("architectures").add("DeepseekV3ForCausalLM");
    tree.setAll((ObjectNode) JSON.<JsonNode>valueToTree(config));
    FIXED.forEach((key, value) -> tree.set(key, JSON.valueToTree(value)));
    tree.put("num_key_value_heads", config.numAttentionHeads());
    tree.putNull("rope_scaling");
    tree.putNull("bos_token_id");
    Files.write(directory.resolve(NAME), JSON.writeValueAsBytes(tree));
  }

  private static Map<String, Object> fixed() {
    Map<String, Object> keys = new LinkedHashMap<>();
    keys.put("model_type", "deepseek_v3");
    keys.put("hidden_act", "silu");
    keys.put("scoring_func", "sigmoid");
    keys.put("topk_method", "noaux_tc");
    keys.put("rope_interleave", true);
    keys.put("attention_bias", false);
    keys.put("attention_dropout", 0.0);
    keys.put("moe_layer_freq", 1);
    keys.put("torch_dtype", "float32");
    return keys;
  }
}
