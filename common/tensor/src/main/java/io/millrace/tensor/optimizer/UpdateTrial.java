package io.millrace.tensor.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.tensor.number.ElementType;

/** Compares two ways to move weights with bfloat16 moments, on small numbers. */
final class UpdateTrial {

  /** With which both ways must have been made. */
  static final AdamWSettings SETTINGS =
      new AdamWSettings(0.9, 0.95, 1e-8, 0.1, 1, ElementType.BF16);

  private static final int STEPS = 3;
  private static final double RATE = 0.01;

  private final Kernels kernels;
  private final TensorEngine engine;

  UpdateTrial(TensorEngine engine) {
    this.kernels = Kernels.shared(engine, AdamW.class, "adamw_trial.py");
    this.engine = engine;
  }

  /**
   * Whether both do the same but for rounding, with gradients that are clipped and that are not.
   */
  boolean agree(AdamWUpdate one, AdamWUpdate other) {
    try (NDManager scratch = engine.newManager()) {
      AdamWUpdate.Buffers expected = moved(scratch, one);
      AdamWUpdate.Buffers found = moved(scratch, other);
      NDList distance =
          kernels.run(
              scratch,
              "trial_distance",
              expected.weights(),
              expected.means(),
              expected.squares(),
              found.weights(),
              found.means(),
              found.squares());
      // Not "greater": a distance may be no number.
      return distance.singletonOrThrow().getFloat() <= 1;
    }
  }

  private AdamWUpdate.Buffers moved(NDManager scratch, AdamWUpdate update) {
    NDArray like = scratch.zeros(new Shape(1));
    NDList made = kernels.run(scratch, "trial_buffers", like);
    AdamWUpdate.Buffers buffers =
        new AdamWUpdate.Buffers(
            new NDList(made.get(0)),
            new NDList(made.get(1)),
            new NDList(made.get(2)),
            new NDList(made.get(3)),
            new double[] {SETTINGS.weightDecay()});
    for (int step = 1; step <= STEPS; step++) {
      update.step(scratch, buffers, step, RATE);
      kernels.run(scratch, "trial_gradients_", made.get(1), step);
    }
    return buffers;
  }
}
