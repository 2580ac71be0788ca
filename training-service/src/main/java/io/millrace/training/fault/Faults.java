package io.millrace.training.fault;

/**
 * Asked at every {@link FaultPoint}; may throw an {@link Error}, which ends the attempt like a
 * crash.
 */
@FunctionalInterface
public interface Faults {
  /** Nothing goes wrong on purpose. */
  Faults NONE = point -> {};

  /** Says that a trainer has come to a point. */
  void reach(FaultPoint point);
}
