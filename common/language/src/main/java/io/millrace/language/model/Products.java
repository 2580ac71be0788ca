package io.millrace.language.model;

/** How the products of the body's linear layers are computed while a decoder is trained. */
public enum Products {
  /** In float32. */
  F32,
  /** Of operands in bfloat16. */
  BF16,
  /** Of operands in E4M3, which are rounded to it and multiplied in float32. */
  FP8_EMULATED,
  /** Of operands in E4M3 by tensor cores, where {@link ScaledProducts} work. */
  FP8_TENSOR_CORES
}
