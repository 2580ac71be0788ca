package io.millrace.training.fault;

/** Places between two effects of a trainer, in their order. */
public enum FaultPoint {
  /** A batch was taken from the stream, nothing is learned from it. */
  BATCH_TAKEN,
  /** The weights have changed, nothing is saved. */
  STEP_LEARNED,
  /** All files of a checkpoint are written, outside of the store. */
  FILES_WRITTEN,
  /** The checkpoint is in the store with its manifest, the registry does not know of it. */
  FILES_STORED,
  /** The registry's row and the event are written, not committed. */
  IN_TRANSACTION,
  /** The checkpoint is published. */
  PUBLISHED,
  /** The last checkpoint is published, the run is not finished. */
  COMPLETING,
  /** Versions are marked as deleted, their files are there. */
  EXPIRED,
  /** Files of a deleted version are gone, the registry does not know of it. */
  UNCOLLECTED
}
