package io.millrace.language.model;

import io.millrace.tensor.kernel.KernelSource;
import java.util.List;

/**
 * How the products of the body's linear layers are computed while a decoder is trained: a choice of
 * kernel files, all of which define the same functions.
 */
public enum Products {
  /** In float32. */
  F32("products.py", "by_operand.py", "f32.py"),
  /** Of operands in bfloat16. */
  BF16("products.py", "by_operand.py", "rounded.py", "bf16.py"),
  /** Of operands in E4M3, which are rounded to it and multiplied in float32. */
  FP8_EMULATED("products.py", "by_operand.py", "rounded.py", "tiles.py", "fp8.py"),
  /** Of operands in E4M3 by tensor cores, where {@link ScaledProducts} work. */
  FP8_TENSOR_CORES("products.py", "rounded.py", "tiles.py", "fp8_tensor_cores.py");

  private final List<String> files;

  Products(String... files) {
    this.files = List.of(files);
  }

  /** The files. */
  List<KernelSource> sources() {
    return files.stream().map(file -> KernelSource.of(Products.class, "products/" + file)).toList();
  }
}
