package io.millrace.language.config;

import io.millrace.input.JsonMistake;
import io.millrace.input.SmallFile;
import io.millrace.input.StrictJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
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

  /** Of a model that is read: a list of all its tensors is made. */
  private static final int MAX_LAYERS = 1_000;

  /** Keys of the released form with the only value this implementation computes. */
  private static final Map<String, Object> FIXED = fixed();

  /** How weights may be stored; they are computed with in float32. */
  private static final List<String> STORED = List.of("float32", "bfloat16", "float16");

  private static final List<String> ROPE_SCALING =
      List.of(
          "type",
          "factor",
          "original_max_position_embeddings",
          "beta_fast",
          "beta_slow",
          "mscale",
          "mscale_all_dim");

  private static final Pattern MISSING = Pattern.compile("^Missing creator property '(\\w+)'");

  private static final JsonMapper JSON =
      JsonMapper.builder(StrictJson.onceEachKey())
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          // 10.5 layers are not 10, and "10" is not a number.
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
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
    return read(directory, Map.of());
  }

  /**
   * As {@link #read(Path)}, but with some keys replaced.
   *
   * @param replaced values by key, used instead of what the file says
   */
  public static LanguageConfig read(Path directory, Map<String, ?> replaced) throws IOException {
    Path file = directory.resolve(NAME);
    return read(file.toString(), bytes(file), replaced);
  }

  /**
   * Reads the content of such a file.
   *
   * @param name of the file, for messages
   * @throws IOException as {@link #read(Path)}
   */
  public static LanguageConfig read(String name, byte[] json) throws IOException {
    return read(name, json, Map.of());
  }

  private static LanguageConfig read(String file, byte[] json, Map<String, ?> replaced)
      throws IOException {
    try {
      ObjectNode tree = tree(json);
      replaced.forEach((key, value) -> tree.set(key, JSON.valueToTree(value)));
      for (Map.Entry<String, Object> key : FIXED.entrySet()) {
        JsonNode value = tree.get(key.getKey());
        JsonNode expected = JSON.valueToTree(key.getValue());
        if (value != null && !ConfigKeys.same(value, expected)) {
          throw new IOException(
              "%s: %s is %s; only %s is supported".formatted(file, key.getKey(), value, expected));
        }
      }
      Quantization.requireKnown(tree.path("quantization_config"));
      String stored = tree.path("torch_dtype").asString("float32");
      if (!STORED.contains(stored)) {
        throw new IOException(
            "%s: torch_dtype is \"%s\"; expected one of %s".formatted(file, stored, STORED));
      }
      for (String key : tree.path("rope_scaling").propertyNames()) {
        if (!ROPE_SCALING.contains(key)) {
          throw new IOException(
              "%s: rope_scaling.%s is not supported; known are %s"
                  .formatted(file, key, String.join(", ", ROPE_SCALING)));
        }
      }
      LanguageConfig config = JSON.treeToValue(tree, LanguageConfig.class);
      requireLayers(file, "num_hidden_layers", config.numHiddenLayers());
      requireLayers(file, "num_nextn_predict_layers", config.numNextnPredictLayers());
      return config;
    } catch (JacksonException e) {
      throw new IOException(file + ": " + reason(e), e);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private static void requireLayers(String file, String key, int layers) throws IOException {
    if (layers > MAX_LAYERS) {
      throw new IOException(
          "%s: %s must be at most %d, it is %d".formatted(file, key, MAX_LAYERS, layers));
    }
  }

  /**
   * Reads the shape alone from a file, to count weights: how the gates are computed, how positions
   * are scaled and how weights are stored is not looked at, so that configurations which this
   * implementation does not compute can be planned too. Of what the shape hangs on, {@code
   * moe_layer_freq} must be 1.
   *
   * @throws IOException if the file is not one of the DeepSeek-V2 or V3 family, lacks a key or
   *     contradicts itself; the message names file and key
   */
  public static LanguageConfig readShape(Path file) throws IOException {
    try {
      return shape(bytes(file));
    } catch (JacksonException e) {
      throw new IOException(file + ": " + reason(e), e);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  /** The shape in a config.json. */
  static LanguageConfig shape(byte[] json) {
    ObjectNode tree = tree(json);
    String family = tree.path("model_type").asString("deepseek_v3");
    if (!family.equals("deepseek_v2") && !family.equals("deepseek_v3")) {
      throw new IllegalArgumentException(
          "model_type is \"%s\"; only deepseek_v3 and deepseek_v2 can be planned"
              .formatted(family));
    }
    if (tree.path("moe_layer_freq").asDouble(1) != 1) {
      throw new IllegalArgumentException(
          "moe_layer_freq is %s; only 1 can be planned".formatted(tree.path("moe_layer_freq")));
    }
    if (!tree.path("rope_scaling").path("type").asString("").equals("yarn")) {
      tree.putNull("rope_scaling");
    }
    return JSON.treeToValue(tree, LanguageConfig.class);
  }

  private static String reason(JacksonException failure) {
    if (failure.getCause() instanceof IllegalArgumentException contradiction) {
      String message = String.valueOf(contradiction.getMessage());
      String key = JsonMistake.of(failure, "the configuration").path();
      // Most contradictions name their keys themselves; a value knows nothing of its key.
      return message.contains(key) ? message : key + ": " + message;
    }
    String reason = failure.getOriginalMessage();
    Matcher missing = MISSING.matcher(reason);
    if (missing.find()) {
      return "the key " + missing.group(1) + " is missing";
    }
    return JsonMistake.of(failure, "the configuration").message();
  }

  private static byte[] bytes(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(file.toString());
    }
    return SmallFile.read(file, MAX_BYTES);
  }

  private static ObjectNode tree(byte[] json) {
    if (JSON.readTree(json) instanceof ObjectNode file) {
      ObjectNode tree = ConfigKeys.released(file);
      if (!tree.has("num_nextn_predict_layers")) {
        // What transformers takes a missing key for.
        boolean second = tree.path("model_type").asString("").equals("deepseek_v2");
        tree.put("num_nextn_predict_layers", second ? 0 : 1);
      }
      return tree;
    }
    throw new IllegalArgumentException("it is not a JSON object");
  }

  /** Writes a folder's configuration. */
  public static void write(LanguageConfig config, Path directory) throws IOException {
    write(config, directory, Map.of());
  }

  /**
   * Writes a folder's configuration with further keys.
   *
   * @param more values by key; they replace those of the same key
   */
  public static void write(LanguageConfig config, Path directory, Map<String, ?> more)
      throws IOException {
    ObjectNode tree = tree(config);
    more.forEach((key, value) -> tree.set(key, JSON.valueToTree(value)));
    Files.write(directory.resolve(NAME), JSON.writeValueAsBytes(tree));
  }

  /** A configuration as the content of such a file. */
  public static ObjectNode tree(LanguageConfig config) {
    ObjectNode tree = JSON.createObjectNode();
    tree.putArray("architectures").add("DeepseekV3ForCausalLM");
    tree.setAll((ObjectNode) JSON.<JsonNode>valueToTree(config));
    FIXED.forEach((key, value) -> tree.set(key, JSON.valueToTree(value)));
    tree.put("torch_dtype", "float32");
    tree.put("num_key_value_heads", config.numAttentionHeads());
    tree.putNull("bos_token_id");
    return tree;
  }

  private static Map<String, Object> fixed() {
    Map<String, Object> keys = new LinkedHashMap<>();
    keys.put("model_type", "deepseek_v3");
    keys.put("scoring_func", "sigmoid");
    keys.put("topk_method", "noaux_tc");
    keys.put("rope_interleave", true);
    keys.put("attention_dropout", 0.0);
    keys.put("moe_layer_freq", 1);
    return keys;
  }
}
