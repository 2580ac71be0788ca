package io.millrace.encoder.encode;

import io.millrace.input.SmallFile;
import io.millrace.input.StrictJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.json.JsonMapper;

/** {@code config.json} of an encoder; every key is required, no other is taken. */
public final class EncoderConfigFile {

  /** Its name in a model folder. */
  public static final String NAME = "config.json";

  private static final long MAX_BYTES = 1 << 20;

  private static final JsonMapper JSON = StrictJson.mapper();

  private EncoderConfigFile() {}

  /**
   * Reads a folder's configuration.
   *
   * @throws IOException if the file is missing, not JSON, lacks a key, has another one or
   *     contradicts itself
   */
  public static EncoderConfig read(Path directory) throws IOException {
    Path file = directory.resolve(NAME);
    return read(file.toString(), SmallFile.read(file, MAX_BYTES));
  }

  /**
   * Reads the content of such a file.
   *
   * @param name of the file, for messages
   * @throws IOException if it is not JSON, lacks a key, has another one or contradicts itself
   */
  public static EncoderConfig read(String name, byte[] json) throws IOException {
    return StrictJson.read(JSON, name, json, EncoderConfig.class);
  }

  static void write(EncoderConfig config, Path directory) throws IOException {
    Files.write(directory.resolve(NAME), JSON.writeValueAsBytes(config));
  }
}
