package io.millrace.vision.network;

import io.millrace.tensor.parameter.ParameterSpec;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;

/** The weights and the picture of {@code golden.py}, by its formulas. */
public final class PublishedValues {

  private PublishedValues() {}

  /** Numbers in [-1, 1) that look random. */
  public static double[] noise(int count, String name) {
    double phase = checksum(name) % 1000;
    double[] values = new double[count];
    Arrays.setAll(
        values,
        i -> {
          double wave = 43758.5453 * Math.sin(12.9898 * i + phase);
          return 2 * (wave - Math.floor(wave)) - 1;
        });
    return values;
  }

  /** The values of a tensor that torchvision calls by this name. */
  public static double[] of(String name, ParameterSpec spec) {
    double[] values = noise((int) spec.count(), name);
    boolean kernel = spec.shape().dimension() == 4;
    double spread = kernel ? Math.sqrt(6.0 / (spec.count() / spec.shape().get(0))) : 0.1;
    for (int i = 0; i < values.length; i++) {
      if (!kernel && name.endsWith("running_var")) {
        values[i] = 1 + 0.3 * values[i];
      } else if (!kernel && name.endsWith("weight")) {
        values[i] = 1 + 0.2 * values[i];
      } else {
        values[i] *= spread;
      }
    }
    return values;
  }

  /** The same as zlib's crc32. */
  public static long checksum(String text) {
    CRC32 crc = new CRC32();
    crc.update(text.getBytes(StandardCharsets.UTF_8));
    return crc.getValue();
  }
}
