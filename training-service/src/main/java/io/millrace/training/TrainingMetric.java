package io.millrace.training;

/** Metrics of the training service; the tag {@code task} says language or detection. */
public enum TrainingMetric {
  /** Gauge: runs that this trainer works on. */
  RUNS_ACTIVE("millrace.training.runs.active"),
  /** Counter: attempts by how they ended, tag {@code outcome}. */
  ATTEMPTS("millrace.training.attempts"),
  /** Timer: one step, waiting for data left out. */
  STEP("millrace.training.step"),
  /** Timer: waiting for a batch. */
  DATA_WAIT("millrace.training.data.wait"),
  /** Counter: tokens or images learned. */
  ITEMS("millrace.training.items"),
  /** Timer: saving and publishing one checkpoint. */
  CHECKPOINT("millrace.training.checkpoint"),
  /** Timer: one evaluation on held-out records. */
  EVALUATION("millrace.training.evaluation");

  /** Tag with the task's name. */
  public static final String TASK = "task";

  /** Tag with how an attempt ended. */
  public static final String OUTCOME = "outcome";

  private final String id;

  TrainingMetric(String id) {
    this.id = id;
  }

  /** Its name in Micrometer. */
  public String id() {
    return id;
  }
}
