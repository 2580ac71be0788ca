package io.millrace.training.run;

import java.util.Locale;

/** Where a run is in its life; see {@link RunLifecycle}. */
public enum RunState {
  /** Waits for a trainer. */
  QUEUED,
  /** A trainer holds a lease on it, or did until it died. */
  RUNNING,
  /** Somebody paused it: no trainer takes it up until somebody resumes it. */
  PAUSED,
  /** All steps are done and the last checkpoint is published. */
  SUCCEEDED,
  /** It cannot go on; the checkpoints that it published stay. */
  FAILED,
  /** Somebody cancelled it; the checkpoints that it published stay. */
  CANCELLED;

  /** Whether nothing happens to the run any more. */
  public boolean isFinal() {
    return switch (this) {
      case QUEUED, RUNNING, PAUSED -> false;
      case SUCCEEDED, FAILED, CANCELLED -> true;
    };
  }

  /** As clients spell it, e.g. {@code running}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
