package io.millrace.inference.embed;

import io.millrace.platform.error.MillraceException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Vectors of length one.
 *
 * @param modelVersion that made them
 * @param tokens of all texts; 0 for pictures
 * @param values a vector for each text or picture, in the order of the request
 */
public record Vectors(int modelVersion, long tokens, List<float[]> values) {

  /**
   * How many values of a vector are wanted.
   *
   * @param dimensions null: all
   * @throws MillraceException INVALID_ARGUMENT if the model does not have so many
   */
  static int width(@Nullable Integer dimensions, int width) {
    if (dimensions != null && (dimensions < 1 || dimensions > width)) {
      throw MillraceException.invalid(
          "dimensions",
          "dimensions must be from 1 to %d, the width of the model's vectors, not %d"
              .formatted(width, dimensions));
    }
    return dimensions == null ? width : dimensions;
  }

  /** A vector as others read it: float32, little endian. */
  public static byte[] bytes(float[] vector) {
    ByteBuffer bytes =
        ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(vector);
    return bytes.array();
  }

  /** The product of a vector of {@link #bytes} and one of as many values. */
  public static double product(byte[] stored, float[] vector) {
    ByteBuffer bytes = ByteBuffer.wrap(stored).order(ByteOrder.LITTLE_ENDIAN);
    double sum = 0;
    for (float value : vector) {
      sum += (double) value * bytes.getFloat();
    }
    return sum;
  }

  /** The first values of a vector, scaled to length one; a vector of zeros stays as it is. */
  static float[] unit(float[] vector, int width) {
    float[] unit = Arrays.copyOf(vector, width);
    double squares = 0;
    for (float value : unit) {
      squares += (double) value * value;
    }
    double length = Math.sqrt(squares);
    for (int i = 0; i < width && length > 0; i++) {
      unit[i] = (float) (unit[i] / length);
    }
    return unit;
  }
}
