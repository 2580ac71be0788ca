package io.millrace.tensor.number;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.Kernels;

/**
 * Casts between all {@link ElementType}s, those that DJL has no name for included.
 *
 * <p>Everything runs inside kernels: {@code NDArray.toType} with bfloat16 ends the JVM.
 */
public final class NumberFormats {

  private NumberFormats() {}

  static Kernels kernels() {
    return Kernels.shared(TensorEngine.started(), NumberFormats.class, "numbers.py");
  }

  /** How the values of a tensor are stored. */
  public static ElementType typeOf(NDArray tensor) {
    DataType named = tensor.getDataType();
    if (named != DataType.UNKNOWN) {
      for (ElementType type : ElementType.values()) {
        if (type.dataType() == named) {
          return type;
        }
      }
    }
    try (NDManager scratch = TensorEngine.started().newManager()) {
      NDArray code = kernels().run(scratch, "scalar_type", tensor).singletonOrThrow();
      return ElementType.ofScalarType(code.getLong(0));
    }
  }

  /**
   * A copy in another format. Floats are rounded to nearest, ties to even; what is too large
   * becomes infinite, or NaN in F8_E4M3, which has no infinity (from 464 on; 448 is its largest
   * number).
   */
  public static NDArray cast(NDManager results, NDArray tensor, ElementType type) {
    return kernels().run(results, "cast", tensor, type.scalarType()).singletonOrThrow();
  }

  /** The raw bytes of a tensor in another format: uint8 of shape (count * bytes of the type). */
  public static NDArray encode(NDManager results, NDArray tensor, ElementType type) {
    try (NDManager scratch = results.newSubManager()) {
      NDArray flat =
          kernels().run(scratch, "flatten", cast(scratch, tensor, type)).singletonOrThrow();
      return kernels().run(results, "bytes_of", flat).singletonOrThrow();
    }
  }

  /**
   * A tensor from raw bytes, in the {@link ElementType#readable()} form of their format.
   *
   * @param bytes uint8 of shape (count * bytes of the type)
   * @throws IllegalArgumentException if the number of bytes is not that of the shape
   */
  public static NDArray decode(NDManager results, NDArray bytes, ElementType type, Shape shape) {
    long expected = Math.multiplyExact(shape.size(), (long) type.bytes());
    if (bytes.getDataType() != DataType.UINT8 || bytes.size() != expected) {
      throw new IllegalArgumentException(
          "%s of shape %s takes %d bytes, but there are %d of type %s"
              .formatted(type, shape, expected, bytes.size(), bytes.getDataType()));
    }
    try (NDManager scratch = results.newSubManager()) {
      NDArray stored = TensorBytes.allocate(scratch, type, shape);
      kernels().run(scratch, "put_bytes", stored, 0, bytes);
      return cast(results, stored, type.readable());
    }
  }
}
