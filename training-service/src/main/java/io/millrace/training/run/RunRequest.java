package io.millrace.training.run;

import io.millrace.training.task.TaskOptions;

/**
 * What a run is to do, complete: nothing is left to a default.
 *
 * @param model name of the model that the checkpoints become versions of
 * @param task {@code language} or {@code detection}
 * @param dataset what it learns from
 * @param snapshot of the dataset, from 1
 * @param preset named model configuration of the task
 * @param steps of the optimizer, from 1
 * @param batchSize packed sequences or samples in a step
 * @param learningRate peak of the schedule
 * @param checkpointEvery steps between checkpoints; 0: only at the end
 * @param checkpointAtStart whether the untrained model is the run's first version
 * @param seed of the initial weights
 * @param accumulation batches whose gradients are added up for a step, from 1
 * @param recomputeEvery that layer is computed again for its backward pass; 0: none
 * @param emaDecay of the moving average of the weights that is published; 0: the weights are
 * @param documents {@code isolated} or {@code crossing}
 * @param precision {@code f32}, {@code bf16} or {@code fp8}
 */
public record RunRequest(
    String model,
    String task,
    String dataset,
    int snapshot,
    String preset,
    long steps,
    int batchSize,
    double learningRate,
    long checkpointEvery,
    boolean checkpointAtStart,
    long seed,
    int accumulation,
    int recomputeEvery,
    double emaDecay,
    String documents,
    String precision) {

  /** The part that only the task understands. */
  public TaskOptions options() {
    return new TaskOptions(
        accumulation,
        recomputeEvery,
        emaDecay,
        TaskOptions.documents(documents),
        TaskOptions.precision(precision));
  }
}
