package io.millrace.tensor.safetensors;

import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.number.ElementType;

/**
 * One tensor of a file.
 *
 * @param dtype how its values are stored
 * @param shape sizes, row-major
 * @param begin its first byte, counted from the end of the header
 * @param end the byte after its last
 */
public record TensorInfo(ElementType dtype, Shape shape, long begin, long end) {

  /** Number of bytes. */
  public long bytes() {
    return end - begin;
  }
}
