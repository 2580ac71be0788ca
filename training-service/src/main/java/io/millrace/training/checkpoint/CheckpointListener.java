package io.millrace.training.checkpoint;

/** Hears of every checkpoint that this service publishes. */
@FunctionalInterface
public interface CheckpointListener {
  /** One was published. */
  void published();
}
