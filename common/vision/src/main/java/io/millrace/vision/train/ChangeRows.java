package io.millrace.vision.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;

/** The changes of a batch's pictures as kernels take them. */
final class ChangeRows {

  private ChangeRows() {}

  /** Affine maps [N, 2, 3], see {@link Augmentation#affine}. */
  static NDArray affines(NDManager manager, List<Augmentation> changes, int width, int height) {
    float[] values = new float[6 * changes.size()];
    for (int i = 0; i < changes.size(); i++) {
      float[] one = changes.get(i).affine(width, height);
      System.arraycopy(one, 0, values, 6 * i, 6);
    }
    return manager.create(values, new Shape(changes.size(), 2, 3));
  }

  /** Factors and sums of values [N, 2]. */
  static NDArray tones(NDManager manager, List<Augmentation> changes) {
    float[] values = new float[2 * changes.size()];
    for (int i = 0; i < changes.size(); i++) {
      values[2 * i] = (float) changes.get(i).gain();
      values[2 * i + 1] = (float) changes.get(i).bias();
    }
    return manager.create(values, new Shape(changes.size(), 2));
  }
}
