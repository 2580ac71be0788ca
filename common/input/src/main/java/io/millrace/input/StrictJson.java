package io.millrace.input;

import java.io.IOException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.type.LogicalType;

/**
 * JSON that is taken by the letter: every key is required, none is there twice, no other is taken,
 * and no number stands for a text, no text for a number, no fraction for a whole number. Keys are
 * in snake case.
 */
public final class StrictJson {

  private static final String WHOLE = "the configuration";

  private StrictJson() {}

  /** Reads and writes so. */
  public static JsonMapper mapper() {
    return JsonMapper.builder(onceEachKey())
        .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
        .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
        .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
        .withCoercionConfig(
            LogicalType.Textual,
            texts ->
                texts
                    .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                    .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                    .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
        .enable(SerializationFeature.INDENT_OUTPUT)
        .build();
  }

  /** Of parsers that refuse a key that an object has twice, of which all but one were lost. */
  public static JsonFactory onceEachKey() {
    return JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
  }

  /**
   * Reads a configuration.
   *
   * @param name of the file, for messages
   * @throws IOException if it is not as said above; the message names file and key
   */
  public static <T> T read(JsonMapper mapper, String name, byte[] json, Class<T> type)
      throws IOException {
    return read(mapper, name, tree(mapper, name, json), type);
  }

  /**
   * The JSON of a configuration.
   *
   * @throws IOException if it is none, or has a key twice
   */
  public static JsonNode tree(JsonMapper mapper, String name, byte[] json) throws IOException {
    try {
      return mapper.readTree(json);
    } catch (JacksonException e) {
      throw refused(name, e);
    }
  }

  /**
   * A configuration from JSON that was read before.
   *
   * @throws IOException as {@link #read(JsonMapper, String, byte[], Class)}
   */
  public static <T> T read(JsonMapper mapper, String name, JsonNode tree, Class<T> type)
      throws IOException {
    try {
      return mapper.treeToValue(tree, type);
    } catch (JacksonException e) {
      throw refused(name, e);
    }
  }

  private static IOException refused(String name, JacksonException cause) {
    return new IOException(name + ": " + JsonMistake.of(cause, WHOLE).message(), cause);
  }
}
