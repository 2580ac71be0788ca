package io.millrace.encoder.encode;

import io.millrace.language.config.ConfigFile;
import io.millrace.language.config.LanguageConfig;
import java.io.IOException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;

/** A language model's configuration inside of another one, as its own file has it. */
final class LanguageConfigJson {

  private LanguageConfigJson() {}

  /** Writes it. */
  static final class Writer extends ValueSerializer<LanguageConfig> {

    @Override
    public void serialize(LanguageConfig config, JsonGenerator json, SerializationContext context) {
      json.writeTree(ConfigFile.tree(config));
    }
  }

  /** Reads it with all the checks of its own file. */
  static final class Reader extends ValueDeserializer<LanguageConfig> {

    @Override
    public LanguageConfig deserialize(JsonParser json, DeserializationContext context) {
      JsonNode tree = context.readTree(json);
      try {
        return ConfigFile.read(
            "config", tree.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
      } catch (IOException e) {
        throw context.instantiationException(LanguageConfig.class, e);
      }
    }
  }
}
