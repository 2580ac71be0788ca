package io.millrace.tensor.number;

import ai.djl.ndarray.types.DataType;

/** How one value of a tensor is stored; the names are those of the safetensors format. */
public enum ElementType {
  /** IEEE 754 double precision. */
  F64(8, 7, DataType.FLOAT64),
  /** IEEE 754 single precision. */
  F32(4, 6, DataType.FLOAT32),
  /** IEEE 754 half precision. */
  F16(2, 5, DataType.FLOAT16),
  /** The upper half of a float32. */
  BF16(2, 15, DataType.UNKNOWN),
  /**
   * Four bits of exponent, three of mantissa, no infinity, at most 448 (Micikevicius et al. 2022).
   */
  F8_E4M3(1, 24, DataType.UNKNOWN),
  /** Signed, 64 bits. */
  I64(8, 4, DataType.INT64),
  /** Unsigned, 64 bits. */
  U64(8, 29, DataType.UNKNOWN),
  /** Signed, 32 bits. */
  I32(4, 3, DataType.INT32),
  /** Unsigned, 32 bits. */
  U32(4, 28, DataType.UNKNOWN),
  /** Signed, 16 bits. */
  I16(2, 2, DataType.UNKNOWN),
  /** Unsigned, 16 bits. */
  U16(2, 27, DataType.UNKNOWN),
  /** Signed, 8 bits. */
  I8(1, 1, DataType.INT8),
  /** Unsigned, 8 bits. */
  U8(1, 0, DataType.UINT8),
  /** One byte, 0 or 1. */
  BOOL(1, 11, DataType.BOOLEAN);

  private final int bytes;
  private final int scalarType;
  private final DataType dataType;

  ElementType(int bytes, int scalarType, DataType dataType) {
    this.bytes = bytes;
    this.scalarType = scalarType;
    this.dataType = dataType;
  }

  /** Bytes of one value. */
  public int bytes() {
    return bytes;
  }

  /** The number of this type in kernel files, e.g. {@code x.to(15)} (c10::ScalarType). */
  public int scalarType() {
    return scalarType;
  }

  /**
   * What an NDArray of this type says it is. UNKNOWN: only kernels can handle it; {@code
   * NDArray.toType} to or from such a type ends the JVM.
   */
  public DataType dataType() {
    return dataType;
  }

  /** Whether values are floating point. */
  public boolean isFloat() {
    return switch (this) {
      case F64, F32, F16, BF16, F8_E4M3 -> true;
      case I64, U64, I32, U32, I16, U16, I8, U8, BOOL -> false;
    };
  }

  /**
   * The narrowest type that holds all values of this one and that an NDArray can read out; int64
   * lacks those of U64 from 2^63 on.
   */
  public ElementType readable() {
    return switch (this) {
      case BF16, F8_E4M3 -> F32;
      case I16, U16 -> I32;
      case U32, U64 -> I64;
      case F64, F32, F16, I64, I32, I8, U8, BOOL -> this;
    };
  }

  /**
   * The type of a c10::ScalarType.
   *
   * @throws IllegalArgumentException if it is none of these
   */
  static ElementType ofScalarType(long scalarType) {
    for (ElementType type : values()) {
      if (type.scalarType == scalarType) {
        return type;
      }
    }
    throw new IllegalArgumentException("no element type for c10::ScalarType " + scalarType);
  }
}
