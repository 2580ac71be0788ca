package io.millrace.language.model;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether a device multiplies FP8 with one scale for 1 x 128 and 128 x 128 values: tensor cores
 * from NVIDIA's Hopper on do, where libtorch is 2.9 or newer, for CUDA 12.9 or newer.
 */
public final class ScaledProducts {

  /**
   * Results are rounded to bfloat16, where sums in another order are 0.0007 apart on an H200;
   * scales that are taken for others change most of a result.
   */
  private static final float MOST = 0.002f;

  private ScaledProducts() {}

  /**
   * Tries all three products of a layer whose sizes are multiples of nothing, and compares them
   * with those that are emulated.
   */
  public static boolean work(TensorEngine engine) {
    try (NDManager scratch = engine.newManager()) {
      NDArray x = waves(scratch, 300, 333);
      NDArray w = waves(scratch, 200, 333);
      NDArray dy = waves(scratch, 300, 200);
      Kernels emulated = kernels(engine, Products.FP8_EMULATED);
      NDList expected = emulated.run(scratch, "products", x, w, dy);
      NDList found = kernels(engine, Products.FP8_TENSOR_CORES).run(scratch, "products", x, w, dy);
      float[] distances = new float[found.size()];
      for (int i = 0; i < distances.length; i++) {
        distances[i] =
            emulated
                .run(scratch, "distance", found.get(i), expected.get(i))
                .singletonOrThrow()
                .getFloat();
      }
      return agree(distances);
    } catch (EngineException e) {
      // How libtorch says that it has no such product, or none on this device.
      return false;
    }
  }

  private static Kernels kernels(TensorEngine engine, Products products) {
    List<KernelSource> sources = new ArrayList<>(products.sources());
    sources.add(KernelSource.of(ScaledProducts.class, "products/compared.py"));
    return Kernels.shared(engine, sources);
  }

  static boolean agree(float[] distances) {
    for (float distance : distances) {
      // Not "greater": a distance may be no number.
      if (!(distance <= MOST)) {
        return false;
      }
    }
    return true;
  }

  /** Values of many sizes, so that a wrong scale shows. */
  private static NDArray waves(NDManager manager, int rows, int columns) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      int tile = i / 128;
      values[i] = (float) (Math.sin(i) * Math.exp(4 * Math.sin(tile)));
    }
    return manager.create(values, new Shape(rows, columns));
  }
}
