package io.millrace.training.run;

/** What can happen to a run; see {@link RunLifecycle}. */
public enum RunEvent {
  /** A trainer with a free place takes up a waiting run. */
  CLAIM,
  /** A trainer takes up a run whose trainer let the lease expire. */
  TAKE_OVER,
  /** The trainer is shutting down: it published what it learned and gives the run back. */
  YIELD,
  /** All steps are done. */
  COMPLETE,
  /** The run cannot go on. */
  FAIL,
  /** A client does not want the run any more. */
  REQUEST_CANCEL,
  /** The trainer stopped because of {@link #REQUEST_CANCEL}. */
  STOP,
  /** A client wants the run to wait until it is resumed. */
  REQUEST_PAUSE,
  /** The trainer published what it learned and let go because of {@link #REQUEST_PAUSE}. */
  PAUSE,
  /** A client wants the run to go on. */
  RESUME
}
