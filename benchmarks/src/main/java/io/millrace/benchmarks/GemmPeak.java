package io.millrace.benchmarks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.Kernels;

/** The fastest that this machine multiplies float32 matrices. */
final class GemmPeak {

  private static final int SIZE = 1024;
  private static final int TIMES = 20;
  private static final int ROUNDS = 5;

  private GemmPeak() {}

  /** FLOP/s of the best of some rounds of 1024 x 1024 products on the calling thread's threads. */
  static double measure(TensorEngine engine) {
    Kernels kernels = Kernels.shared(engine, GemmPeak.class, "limits.py");
    try (NDManager manager = engine.newManager()) {
      NDArray a = manager.randomNormal(new Shape(SIZE, SIZE));
      NDArray b = manager.randomNormal(new Shape(SIZE, SIZE));
      NDArray out = manager.zeros(new Shape(SIZE, SIZE), DataType.FLOAT32);
      double best = 0;
      for (int round = 0; round < ROUNDS; round++) {
        long begin = System.nanoTime();
        try (NDManager scratch = manager.newSubManager()) {
          kernels.run(scratch, "gemm", a, b, out, TIMES);
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        best = Math.max(best, 2.0 * SIZE * SIZE * SIZE * TIMES / seconds);
      }
      return best;
    }
  }
}
