package io.millrace.vision.detector;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Detectors with a name, each a {@code config.json} beside this class. */
public final class DetectorPresets {

  /** What the names of the first presets stand for. */
  private static final Map<String, String> FILES =
      Map.of("centernet-nano", "nano", "centernet-micro", "micro");

  /** All of them; "nano" and "micro" are those of CenterNet. */
  public static final List<String> NAMES =
      List.of(
          "nano",
          "micro",
          "centernet-nano",
          "centernet-micro",
          "centernet-r18",
          "trident-nano",
          "trident-fast-nano",
          "fcos-nano",
          "fcos-micro",
          "retinanet-nano",
          "retinanet-micro",
          "ssd-nano",
          "s3fd-nano",
          "faceboxes-nano",
          "yolo-v1-nano",
          "faster-rcnn-nano",
          "faster-rcnn-r50-fpn",
          "faster-rcnn-r50-c4",
          "trident-rcnn-nano",
          "trident-r50",
          "mtcnn",
          "fcos-r50-fpn",
          "retinanet-r50-fpn",
          "s3fd-vgg16",
          "yolo-v1",
          "yolo-v1-fast",
          "yolo-v1-vgg16");

  private DetectorPresets() {}

  /**
   * The parts of a preset, with the classes and the input size of its file.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public static DetectorConfig of(String name) {
    String known = name.toLowerCase(Locale.ROOT);
    if (!NAMES.contains(known)) {
      throw new IllegalArgumentException(
          "there is no preset '%s' of a detector: use one of %s"
              .formatted(name, String.join(", ", NAMES)));
    }
    String file = "presets/" + FILES.getOrDefault(known, known) + ".json";
    try (InputStream json = DetectorPresets.class.getResourceAsStream(file)) {
      if (json == null) {
        throw new IllegalStateException(file + " is missing in this build");
      }
      return DetectorConfigFile.read(file, json.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /**
   * The same for other classes and another size of pictures.
   *
   * @throws IllegalArgumentException if there is none of that name, or it cannot have that size
   */
  public static DetectorConfig of(String name, List<String> classes, int width, int height) {
    return of(name).withInput(classes, width, height);
  }
}
