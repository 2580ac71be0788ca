package io.millrace.training.trainer;

import io.millrace.training.lease.Lease;
import io.millrace.training.run.CurveBuffer;

/**
 * How a trainer has a run for itself.
 *
 * @param lease the proof
 * @param keeper keeps the lease alive, and passes progress on
 * @param curve takes the points of the run's curve
 * @param signal says when to let go
 */
record Hold(Lease lease, LeaseKeeper keeper, CurveBuffer curve, StopSignal signal) {}
