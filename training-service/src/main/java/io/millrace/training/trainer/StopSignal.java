package io.millrace.training.trainer;

import java.util.concurrent.atomic.AtomicReference;

/** Why a running attempt is to stop; the first reason counts, but losing the lease beats all. */
final class StopSignal {

  /** Reasons. */
  enum Reason {
    /** None: continue. */
    NONE,
    /** A client cancelled the run. */
    CANCEL,
    /** A client paused the run. */
    PAUSE,
    /** Somebody deleted the run's dataset. */
    DATASET_DELETED,
    /** The service is shutting down. */
    SHUTDOWN,
    /** Another trainer has the run: nothing may be written any more. */
    LEASE_LOST
  }

  private final AtomicReference<Reason> reason = new AtomicReference<>(Reason.NONE);

  void stop(Reason why) {
    if (why == Reason.LEASE_LOST) {
      reason.set(why);
    } else {
      reason.compareAndSet(Reason.NONE, why);
    }
  }

  Reason reason() {
    return reason.get();
  }

  boolean isStopped() {
    return reason.get() != Reason.NONE;
  }
}
