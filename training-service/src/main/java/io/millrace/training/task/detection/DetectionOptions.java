package io.millrace.training.task.detection;

import io.millrace.platform.error.MillraceException;
import io.millrace.training.task.SharedOptions;

/**
 * How a detector learns, as clients spell it; {@code DetectionOptions} of the protobuf contract has
 * fields of the same names.
 *
 * @param accumulation batches whose gradients are added up for a step; 0: 1
 * @param emaDecay of the moving average of the weights that is published; 0: the weights are
 */
record DetectionOptions(int accumulation, double emaDecay) {

  /** What a run has that asks for none of these. */
  static final DetectionOptions STANDARD = new DetectionOptions(1, 0);

  /**
   * Checks the options, and puts in what 0 stands for.
   *
   * @throws MillraceException INVALID_ARGUMENT naming one
   */
  DetectionOptions {
    accumulation = SharedOptions.accumulation(accumulation);
    emaDecay = SharedOptions.emaDecay(emaDecay);
  }
}
