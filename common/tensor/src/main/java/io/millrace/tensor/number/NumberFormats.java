package io.millrace.tensor.number;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
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
}
