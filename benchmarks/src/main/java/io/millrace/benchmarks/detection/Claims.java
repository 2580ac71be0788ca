package io.millrace.benchmarks.detection;

import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.detector.DetectorConfigFile;
import io.millrace.vision.detector.DetectorPresets;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Detectors of published claims, each a {@code config.json} beside this class. */
final class Claims {

  /** All of them. */
  static final List<String> NAMES =
      List.of(
          "centernet",
          "dilation-1",
          "dilation-2",
          "dilation-3",
          "fcos",
          "fcos-stride-16",
          "fcos-stride-8",
          "mtcnn",
          "nano-wide",
          "retinanet",
          "s3fd",
          "s3fd-best-anchor",
          "s3fd-threshold-35",
          "s3fd-threshold-50",
          "ssd",
          "trident",
          "trident-fast",
          "trident-ranges",
          "trident-unshared",
          "trident-unshared-ranges",
          "two-stages",
          "two-stages-dilation-2",
          "two-stages-trident",
          "two-stages-trident-fast",
          "two-stages-trident-ranges",
          "two-stages-trident-unshared",
          "yolo-v1",
          "yolo-v1-stride-16");

  private static final String PREFIX = "claims/";

  private Claims() {}

  /**
   * A detector by the name of a preset, by {@code claims/NAME}, or from a file.
   *
   * @throws IllegalArgumentException if there is none
   */
  static DetectorConfig detector(String name) {
    try {
      if (name.startsWith(PREFIX)) {
        return claim(name.substring(PREFIX.length()));
      }
      return name.endsWith(".json")
          ? DetectorConfigFile.read(name, Files.readAllBytes(Path.of(name)))
          : DetectorPresets.of(name);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + name, e);
    }
  }

  private static DetectorConfig claim(String name) throws IOException {
    if (!NAMES.contains(name)) {
      throw new IllegalArgumentException(
          "there is no claim '%s': use one of %s".formatted(name, String.join(", ", NAMES)));
    }
    String file = PREFIX + name + ".json";
    try (InputStream json = Claims.class.getResourceAsStream(file)) {
      if (json == null) {
        throw new IllegalStateException(file + " is missing in this build");
      }
      return DetectorConfigFile.read(file, json.readAllBytes());
    }
  }
}
