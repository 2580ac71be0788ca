package io.millrace.tensor.random;

import io.millrace.tensor.kernel.KernelSource;

/** Random choices within kernels: they follow from a seed and a number alone. */
public final class Draws {

  private Draws() {}

  /** {@code hashes}, {@code uniform} and {@code drawn}. */
  public static KernelSource kernel() {
    return KernelSource.of(Draws.class, "draws.py");
  }
}
