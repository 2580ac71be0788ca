package io.millrace.language.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/** What kernels are told of batches. */
final class BatchArguments {

  private BatchArguments() {}

  /**
   * Targets of the main head and of every MTP module, then documents, of all batches together.
   *
   * @param depth MTP modules
   * @throws IllegalArgumentException if there is no target
   */
  static double[] normalisers(List<PackedBatch> batches, int depth) {
    double[] counts = new double[depth + 2];
    for (PackedBatch batch : batches) {
      for (int ahead = 1; ahead <= depth + 1; ahead++) {
        counts[ahead - 1] += batch.targets(ahead);
      }
      counts[depth + 1] += batch.documents();
    }
    if (counts[0] == 0) {
      throw new IllegalArgumentException(
          "the batch has no target: all of it is masked or too short");
    }
    for (int i = 1; i <= depth; i++) {
      counts[i] = Math.max(1, counts[i]);
    }
    return counts;
  }

  /** Token ids, int32 [T]. */
  static NDArray ids(NDManager manager, PackedBatch batch) {
    ByteBuffer ids = batch.tokenIds().duplicate().order(batch.tokenIds().order());
    return manager.create(ids, new Shape(batch.tokens()), DataType.INT32);
  }

  /** Starts of documents or of spans. */
  static long[] starts(int[] starts) {
    return Arrays.stream(starts).asLongStream().toArray();
  }

  /** uint8 [T], not 0 where a token may be a target. */
  static NDArray mask(NDManager manager, PackedBatch batch) {
    byte[] mask = batch.lossMask();
    if (mask == null) {
      return manager.ones(new Shape(batch.tokens()), DataType.UINT8);
    }
    return manager.create(ByteBuffer.wrap(mask), new Shape(mask.length), DataType.UINT8);
  }
}
