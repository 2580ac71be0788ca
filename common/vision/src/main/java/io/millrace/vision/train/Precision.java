package io.millrace.vision.train;

import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.network.Products;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * In which numbers the layers of a detector are computed while it learns. The weights themselves,
 * their gradients and the optimizer are float32 in all of them, and so are norms' statistics,
 * losses, boxes and evaluation.
 */
public enum Precision {
  /** In float32. */
  F32(Products.F32),
  /** Of weights that are rounded to bfloat16 once a step, with maps in bfloat16. */
  BF16(Products.BF16);

  private final Products products;

  Precision(Products products) {
    this.products = products;
  }

  /** Its name in requests. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The precision of that name.
   *
   * @throws IllegalArgumentException naming those there are
   */
  public static Precision of(String key) {
    return Arrays.stream(values())
        .filter(precision -> precision.key().equals(key))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "precision of a detector must be one of %s; it is '%s'".formatted(keys(), key)));
  }

  private static String keys() {
    List<String> keys = Arrays.stream(values()).map(Precision::key).toList();
    return String.join(", ", keys);
  }

  /** How layers are computed. */
  Products products() {
    return products;
  }

  /**
   * Checks that detectors of this shape can be trained so.
   *
   * @throws IllegalArgumentException with the reason
   */
  public void requireCovers(DetectorConfig config) {
    if (this != F32 && !config.head().hasLayersAlone()) {
      throw new IllegalArgumentException(
          "this detector cannot be trained in %s, because its head has networks of its own, which are float32 alone; train it in f32"
              .formatted(key()));
    }
  }
}
