package io.millrace.vision.network;

import io.millrace.tensor.kernel.KernelSource;
import java.util.List;

/**
 * How the layers of a network multiply: a choice of kernel files, all of which define the same
 * functions.
 */
public enum Products {
  /** In the numbers of the weights, float32. */
  F32("f32.py"),
  /** In bfloat16, of weights that are given in it, see {@code rounded} of the file. */
  BF16("bf16.py"),
  /** Nothing is multiplied: what is counted is how often each weight would be used. */
  COUNTED("counted.py");

  private final String file;

  Products(String file) {
    this.file = file;
  }

  /** The kernel files that all networks need, with layers of this kind. */
  public List<KernelSource> kernels() {
    return List.of(
        KernelSource.of(Products.class, "layers.py"),
        KernelSource.of(Products.class, "products/" + file));
  }
}
