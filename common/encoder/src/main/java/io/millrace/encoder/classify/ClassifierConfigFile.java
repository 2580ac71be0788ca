package io.millrace.encoder.classify;

import io.millrace.input.SmallFile;
import io.millrace.input.StrictJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.json.JsonMapper;

/** {@code config.json} of a classifier; every key is required, no other is taken. */
public final class ClassifierConfigFile {

  /** Its name in a model folder. */
  public static final String NAME = "config.json";

  /** Most bytes of it: names of ten thousand classes and of many columns. */
  public static final int MAX_BYTES = 16 << 20;

  private static final JsonMapper JSON = StrictJson.mapper();

  private ClassifierConfigFile() {}

  /**
   * Reads a folder's configuration.
   *
   * @throws IOException if the file is missing, not JSON, lacks a key, has another one or
   *     contradicts itself
   */
  public static ClassifierConfig read(Path directory) throws IOException {
    Path file = directory.resolve(NAME);
    return read(file.toString(), SmallFile.read(file, MAX_BYTES));
  }

  /**
   * Reads the content of such a file.
   *
   * @param name of the file, for messages
   * @throws IOException if it is not JSON, lacks a key, has another one or contradicts itself
   */
  public static ClassifierConfig read(String name, byte[] json) throws IOException {
    return StrictJson.read(JSON, name, json, ClassifierConfig.class);
  }

  /** Writes it into a directory that exists, replacing what is there. */
  public static void write(ClassifierConfig config, Path directory) throws IOException {
    Files.write(directory.resolve(NAME), JSON.writeValueAsBytes(config));
  }
}
