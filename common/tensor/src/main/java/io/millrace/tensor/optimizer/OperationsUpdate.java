package io.millrace.tensor.optimizer;

import ai.djl.ndarray.NDManager;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.Kernels;

/** Moves weights by libtorch's operations, on any device. */
final class OperationsUpdate implements AdamWUpdate {

  private final Kernels kernels;
  private final AdamWSettings settings;

  OperationsUpdate(TensorEngine engine, AdamWSettings settings) {
    this.kernels = Kernels.shared(engine, AdamW.class, "adamw.py");
    this.settings = settings;
  }

  @Override
  public double step(NDManager scratch, Buffers buffers, long step, double learningRate) {
    return kernels
        .run(
            scratch,
            "adamw_step",
            buffers.weights(),
            buffers.gradients(),
            buffers.means(),
            buffers.squares(),
            buffers.weightDecays(),
            step,
            learningRate,
            settings.beta1(),
            settings.beta2(),
            settings.epsilon(),
            settings.maxGradientNorm())
        .singletonOrThrow()
        .getDouble();
  }
}
