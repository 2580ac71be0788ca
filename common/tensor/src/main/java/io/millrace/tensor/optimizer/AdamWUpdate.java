package io.millrace.tensor.optimizer;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.number.ElementType;

/** By which means AdamW moves weights. */
sealed interface AdamWUpdate permits OperationsUpdate, OnePassUpdate {

  /**
   * What a step reads and moves: flat buffers, one a group, on the engine's device.
   *
   * @param weights float32
   * @param gradients float32; what they hold after a step is not said
   * @param means of gradients, in the type of the settings
   * @param squares means of squared gradients, likewise
   * @param weightDecays one a group
   */
  record Buffers(
      NDList weights, NDList gradients, NDList means, NDList squares, double[] weightDecays) {}

  /**
   * One step.
   *
   * @param step from 1
   * @return the global norm of the gradients before clipping; if it is not finite nothing was
   *     changed
   */
  double step(NDManager scratch, Buffers buffers, long step, double learningRate);

  /** The fastest that the device has. */
  static AdamWUpdate of(TensorEngine engine, AdamWSettings settings) {
    boolean onePass = settings.moments() == ElementType.BF16 && OnePassUpdate.works(engine);
    return onePass ? new OnePassUpdate(engine, settings) : new OperationsUpdate(engine, settings);
  }
}
