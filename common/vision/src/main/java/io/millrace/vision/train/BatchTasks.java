package io.millrace.vision.train;

import ai.djl.ndarray.NDManager;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.tensor.train.BatchParts;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.detector.DetectorConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;

/**
 * What batches are learned by: a network's kernels tell for each what is to be found in it, and
 * what losses are divided by. Other kernels have no use for it.
 *
 * @param network what the kernels take for the network
 * @param branches that learn
 */
@SuppressWarnings("ArrayRecordComponent") // goes to kernels as it is, is never compared
record BatchTasks(
    TensorEngine engine,
    DetectorConfig config,
    Kernels kernels,
    KernelValue network,
    long[] branches) {

  /** What is to be found in a batch, and what the head makes of it, closed by the caller. */
  KernelValue task(SampleBatch batch, List<List<LabelledBox>> boxes, long[] seeds) {
    try (NDManager scratch = engine.newManager()) {
      return kernels.keep(
          "prepared",
          network,
          BoxRows.of(scratch, config, boxes, batch.placements(), /* ignored= */ false),
          BoxRows.of(scratch, config, boxes, batch.placements(), /* ignored= */ true),
          new long[] {batch.height(), batch.width()},
          branches,
          seeds);
    }
  }

  /**
   * The tasks of the parts of a batch, side by side.
   *
   * @return closed by the caller
   */
  List<KernelValue> of(List<Augmented> parts, BatchParts together) {
    Queue<KernelValue> made = new ConcurrentLinkedQueue<>();
    List<Supplier<KernelValue>> making = new ArrayList<>();
    for (Augmented part : parts) {
      making.add(() -> {
        KernelValue task = task(part.batch(), part.boxes(), part.seeds());
        made.add(task);
        return task;
      });
    }
    try {
      return together.run(making);
    } catch (RuntimeException e) {
      made.forEach(KernelValue::close);
      throw e;
    }
  }

  /** What the losses of a step are divided by: counted over all of its batches. */
  double[] counts(List<KernelValue> tasks) {
    double[] sum = new double[0];
    try (NDManager scratch = engine.newManager()) {
      for (KernelValue task : tasks) {
        double[] some =
            kernels.run(scratch, "counts", network, task).singletonOrThrow().toDoubleArray();
        sum = sum.length == 0 ? some : sum(sum, some);
      }
    }
    return sum;
  }

  /** Number by number. */
  static double[] sum(double[] some, double[] others) {
    double[] sum = some.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += others[i];
    }
    return sum;
  }
}
