package io.millrace.benchmarks.detection;

import io.millrace.benchmarks.command.KeyValues;
import io.millrace.tensor.activation.Activation;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.network.Upsampling;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is trained, and how long.
 *
 * @param detector name of a preset, {@code claims/NAME}, or a file
 * @param width of the network's input in pixels
 * @param height likewise
 * @param steps optimizer steps
 * @param batch pictures a step
 * @param rate highest learning rate
 * @param ema decay of the moving average of the weights
 * @param scale pictures are scaled by 1/scale to scale
 * @param verticalFlip probability of an upside-down picture
 * @param seeds trainings
 * @param parts of the set to learn from
 * @param smallObjects what is done for them
 * @param upsampling how pictures are enlarged twice before the network, if they are
 * @param activation name of the activation; empty: the detector's own
 */
record Settings(
    String detector,
    int width,
    int height,
    int steps,
    int batch,
    double rate,
    double ema,
    double scale,
    double verticalFlip,
    int seeds,
    Set<String> parts,
    SmallObjects smallObjects,
    Upsampling upsampling,
    String activation) {

  private static final Map<String, String> DEFAULTS =
      Map.ofEntries(
          Map.entry("preset", "nano"),
          Map.entry("width", "320"),
          Map.entry("height", "256"),
          Map.entry("steps", "600"),
          Map.entry("batch", "8"),
          Map.entry("rate", "0.002"),
          Map.entry("ema", "0.998"),
          Map.entry("scale", "1.5"),
          Map.entry("vertical_flip", "0.5"),
          Map.entry("seeds", "3"),
          Map.entry("parts", "train"),
          Map.entry("small_size", "32"),
          Map.entry("large_size", "96"),
          Map.entry("oversample", "1"),
          Map.entry("copy_paste", "0"),
          Map.entry("scales", ""),
          Map.entry("slices", "0"),
          Map.entry("pyramid", ""),
          Map.entry("upsample", "none"),
          Map.entry("activation", ""));

  /**
   * Reads {@code KEY=VALUE} arguments over the defaults.
   *
   * @throws IllegalArgumentException if a key is unknown or a value is no number
   */
  static Settings of(List<String> arguments) {
    Map<String, String> values = KeyValues.over(DEFAULTS, arguments);
    return new Settings(
        values.getOrDefault("preset", ""),
        whole(values, "width", 1),
        whole(values, "height", 1),
        whole(values, "steps", 1),
        whole(values, "batch", 1),
        real(values, "rate"),
        real(values, "ema"),
        real(values, "scale"),
        real(values, "vertical_flip"),
        whole(values, "seeds", 1),
        Set.of(values.getOrDefault("parts", "").split(",", -1)),
        smallObjects(values),
        upsampling(values.getOrDefault("upsample", "")),
        values.getOrDefault("activation", ""));
  }

  /**
   * The detector with these classes.
   *
   * @throws IllegalArgumentException if there is none of its name, or it cannot be so
   */
  DetectorConfig config(List<String> classes) {
    DetectorConfig config =
        Claims.detector(detector).withInput(classes, width, height).withUpsampling(upsampling);
    return activation.isEmpty()
        ? config
        : config.withLayers(config.layers().withActivation(Activation.of(activation)));
  }

  private static SmallObjects smallObjects(Map<String, String> values) {
    return new SmallObjects(
        real(values, "small_size"),
        real(values, "large_size"),
        real(values, "oversample"),
        whole(values, "copy_paste", 0),
        values.getOrDefault("scales", ""),
        whole(values, "slices", 0),
        values.getOrDefault("pyramid", ""));
  }

  private static Upsampling upsampling(String name) {
    return switch (name) {
      case "none" -> new Upsampling.None();
      case "bilinear" -> new Upsampling.Interpolation(2, Upsampling.Filter.BILINEAR);
      case "bicubic" -> new Upsampling.Interpolation(2, Upsampling.Filter.BICUBIC);
      case "learned" -> new Upsampling.SubPixel(2, 16, 1);
      default ->
          throw new IllegalArgumentException(
              "upsample must be none, bilinear, bicubic or learned, it is '" + name + "'");
    };
  }

  private static int whole(Map<String, String> values, String key, int least) {
    double value = real(values, key);
    if (value != Math.rint(value) || value < least) {
      throw new IllegalArgumentException(
          "%s must be a whole number from %d, it is %s".formatted(key, least, value));
    }
    return (int) value;
  }

  private static double real(Map<String, String> values, String key) {
    String text = values.getOrDefault(key, "");
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(key + " is no number: '" + text + "'", e);
    }
  }
}
