package io.millrace.training;

import io.millrace.platform.metric.Metric;

/** The metrics of the training service. */
public enum TrainingMetric implements Metric {
  /** Runs of this trainer. */
  RUNS_ACTIVE(
      Spec.gauge("millrace.training.runs.active", "runs", "Runs that this trainer works on.")),
  /** Runs by state. */
  RUNS(
      Spec.gauge(
          "millrace.training.runs",
          "runs",
          "Runs of the whole platform by their state: queued, running, succeeded, failed, cancelled. Every replica tells the same.",
          TrainingMetric.STATE)),
  /** Ends of attempts. */
  ATTEMPTS(
      Spec.counter(
          "millrace.training.attempts",
          "attempts",
          "Attempts at runs by how they ended: complete, stop (cancelled), yield (left to another trainer), fail, abandoned, lease_lost.",
          TrainingMetric.TASK,
          TrainingMetric.OUTCOME)),
  /** A step. */
  STEP(
      Spec.timer(
          "millrace.training.step", "One step, waiting for data left out.", TrainingMetric.TASK)),
  /** Waiting for data. */
  DATA_WAIT(
      Spec.timer(
          "millrace.training.data.wait",
          "Waiting for the batches of a step.",
          TrainingMetric.TASK)),
  /** What was learned from. */
  ITEMS(
      Spec.counter(
          "millrace.training.items",
          "items",
          "Tokens, pictures or rows learned from.",
          TrainingMetric.TASK)),
  /** A checkpoint. */
  CHECKPOINT(
      Spec.timer(
          "millrace.training.checkpoint",
          "Saving and publishing one checkpoint.",
          TrainingMetric.TASK)),
  /** Age of the last checkpoint. */
  CHECKPOINT_AGE(
      Spec.gauge(
          "millrace.training.checkpoint.age",
          Spec.SECONDS,
          "Time since the last checkpoint, or since the attempt began, of each run that this trainer works on.",
          TrainingMetric.MODEL)),
  /** An evaluation. */
  EVALUATION(
      Spec.timer(
          "millrace.training.evaluation",
          "One evaluation on held-out records.",
          TrainingMetric.TASK));

  /** Tag with the task's name. */
  public static final String TASK = "task";

  /** Tag with the state of runs. */
  public static final String STATE = "state";

  /** Tag with the model's name. */
  public static final String MODEL = "model";

  /** Tag with how an attempt ended. */
  public static final String OUTCOME = "outcome";

  private final Spec spec;

  TrainingMetric(Spec spec) {
    this.spec = spec;
  }

  @Override
  public Spec spec() {
    return spec;
  }
}
