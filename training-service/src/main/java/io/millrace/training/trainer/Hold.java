package io.millrace.training.trainer;

import io.millrace.training.lease.Lease;

/**
 * How a trainer has a run for itself.
 *
 * @param lease the proof
 * @param keeper keeps the lease alive, and passes progress on
 * @param signal says when to let go
 */
record Hold(Lease lease, LeaseKeeper keeper, StopSignal signal) {}
