package io.millrace.language.interchange;

import io.millrace.input.SmallFile;
import io.millrace.language.chat.ChatTemplate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a model folder of Hugging Face has beside weights and tokenizer: chat template and settings
 * of generation. The platform does not follow them; it keeps them for whoever gets the model next.
 *
 * @param files contents by name
 */
public record CompanionFiles(Map<String, byte[]> files) {

  static final String TOKENIZER_CONFIG = "tokenizer_config.json";
  static final String GENERATION_CONFIG = "generation_config.json";
  static final String CHAT_TEMPLATE = "chat_template";
  static final String ADD_BOS = "add_bos_token";

  private static final String TEMPLATE_FILE = "chat_template.jinja";
  private static final List<String> NAMES =
      List.of(TOKENIZER_CONFIG, TEMPLATE_FILE, GENERATION_CONFIG);
  private static final long MAX_BYTES = 16L << 20;

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /** Copies the map. */
  public CompanionFiles {
    files = Map.copyOf(files);
  }

  /** No files. */
  public static CompanionFiles none() {
    return new CompanionFiles(Map.of());
  }

  /**
   * Those of a folder that are there.
   *
   * @throws IOException if one cannot be read, is too large, or should be a JSON object and is none
   */
  public static CompanionFiles read(Path folder) throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (String name : NAMES) {
      Path file = folder.resolve(name);
      if (Files.isRegularFile(file)) {
        byte[] content = SmallFile.read(file, MAX_BYTES);
        if (name.endsWith(".json")) {
          object(file.toString(), content);
        }
        files.put(name, content);
      }
    }
    return new CompanionFiles(files);
  }

  /** Whether they have a template of conversations that is not the platform's. */
  public boolean haveTheirOwnTemplate() {
    if (files.containsKey(TEMPLATE_FILE)) {
      return true;
    }
    byte[] config = files.get(TOKENIZER_CONFIG);
    if (config == null) {
      return false;
    }
    ObjectNode settings = (ObjectNode) JSON.readTree(config);
    return settings.hasNonNull(CHAT_TEMPLATE)
        && !settings.path(CHAT_TEMPLATE).asString("").equals(ChatTemplate.JINJA);
  }

  /** Writes them as they were read. */
  public void write(Path directory) throws IOException {
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Files.write(directory.resolve(file.getKey()), file.getValue());
    }
  }

  /** Writes them, but with what an export says of the beginning of texts. */
  void write(Path directory, boolean beginOfText) throws IOException {
    write(directory);
    byte[] config = files.get(TOKENIZER_CONFIG);
    if (config != null) {
      ObjectNode settings = object(TOKENIZER_CONFIG, config);
      settings.put(ADD_BOS, beginOfText);
      Files.write(directory.resolve(TOKENIZER_CONFIG), JSON.writeValueAsBytes(settings));
    }
  }

  private static ObjectNode object(String where, byte[] content) throws IOException {
    try {
      if (JSON.readTree(content) instanceof ObjectNode object) {
        return object;
      }
      throw new IOException(where + " is not a JSON object");
    } catch (JacksonException e) {
      throw new IOException(where + " is not JSON: " + e.getOriginalMessage(), e);
    }
  }
}
