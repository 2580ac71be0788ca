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
  STOP
}
