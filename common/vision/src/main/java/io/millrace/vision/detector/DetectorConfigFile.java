package io.millrace.vision.detector;

import io.millrace.input.SmallFile;
import io.millrace.input.StrictJson;
import io.millrace.vision.detector.head.CenterNetHead;
import io.millrace.vision.network.LayerStyle;
import io.millrace.vision.network.ResidualBackbone;
import io.millrace.vision.network.TopDownNeck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code config.json} of a detector; every key is required, no other is taken. The form of the
 * first release is read too.
 */
public final class DetectorConfigFile {

  /** Its name in a model folder. */
  public static final String NAME = "config.json";

  private static final long MAX_BYTES = 1 << 20;

  private static final JsonMapper JSON = StrictJson.mapper();

  private DetectorConfigFile() {}

  /**
   * Reads a folder's configuration.
   *
   * @throws IOException if the file is missing, not JSON, lacks a key, has another one or
   *     contradicts itself
   */
  public static DetectorConfig read(Path directory) throws IOException {
    Path file = directory.resolve(NAME);
    return read(file.toString(), SmallFile.read(file, MAX_BYTES));
  }

  /** Whether a folder has a file of this name that says to be a detector's. */
  public static boolean isThere(Path directory) {
    Path file = directory.resolve(NAME);
    try {
      if (!Files.isRegularFile(file) || Files.size(file) > MAX_BYTES) {
        return false;
      }
      String architecture =
          JSON.readTree(Files.readAllBytes(file)).path("architecture").asString("");
      return architecture.equals(DetectorConfig.ARCHITECTURE)
          || architecture.equals(FirstForm.ARCHITECTURE);
    } catch (IOException | JacksonException e) {
      return false; // Whoever reads it then says why it cannot be read.
    }
  }

  /**
   * Reads the content of such a file.
   *
   * @param name of the file, for messages
   * @throws IOException if it is not JSON, lacks a key, has another one or contradicts itself
   */
  public static DetectorConfig read(String name, byte[] json) throws IOException {
    JsonNode tree = StrictJson.tree(JSON, name, json);
    EarlierForms.complete(tree);
    boolean first = tree.path("architecture").asString("").equals(FirstForm.ARCHITECTURE);
    if (!first) {
      return StrictJson.read(JSON, name, tree, DetectorConfig.class);
    }
    try {
      return StrictJson.read(JSON, name, tree, FirstForm.class).config();
    } catch (IllegalArgumentException e) {
      throw new IOException(name + ": " + e.getMessage(), e);
    }
  }

  /**
   * The form of the first detectors, a residual CenterNet with numbers of its own.
   *
   * @param stageWidths channels at strides 2, 4, 8, ...
   * @param stageBlocks residual blocks at strides 4, 8, ...
   */
  private record FirstForm(
      String architecture,
      List<String> classes,
      int inputWidth,
      int inputHeight,
      List<Integer> stageWidths,
      List<Integer> stageBlocks,
      int neckWidth,
      int headWidth,
      int groupSize) {

    static final String ARCHITECTURE = "centernet";

    DetectorConfig config() {
      return new DetectorConfig(
          DetectorConfig.ARCHITECTURE,
          classes,
          inputWidth,
          inputHeight,
          LayerStyle.groups(groupSize),
          new ResidualBackbone(stageWidths, stageBlocks),
          new TopDownNeck(neckWidth),
          CenterNetHead.published(headWidth));
    }
  }

  static void write(DetectorConfig config, Path directory) throws IOException {
    Files.write(directory.resolve(NAME), JSON.writeValueAsBytes(config));
  }
}
