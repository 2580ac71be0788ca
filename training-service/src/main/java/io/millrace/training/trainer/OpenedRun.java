package io.millrace.training.trainer;

import io.millrace.training.checkpoint.TrainerState;
import io.millrace.training.task.TrainingTask;

/**
 * What an attempt begins with.
 *
 * @param task that learns
 * @param start where it is
 * @param version of the model that it was saved as; 0: it was not
 */
record OpenedRun<R, B>(TrainingTask<R, B> task, TrainerState start, int version) {

  /** Step of the last checkpoint, -1: there is none. */
  long savedStep() {
    return version == 0 ? -1 : start.position().step();
  }
}
