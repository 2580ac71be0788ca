package io.millrace.inference.search;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Vectors as PostgreSQL keeps them: float32, little endian. */
final class VectorBytes {

  private VectorBytes() {}

  static byte[] of(float[] vector) {
    ByteBuffer bytes =
        ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(vector);
    return bytes.array();
  }

  /** The product with a vector of as many values. */
  static double product(byte[] stored, float[] vector) {
    ByteBuffer bytes = ByteBuffer.wrap(stored).order(ByteOrder.LITTLE_ENDIAN);
    double sum = 0;
    for (float value : vector) {
      sum += (double) value * bytes.getFloat();
    }
    return sum;
  }
}
