package io.millrace.training.lease;

import io.millrace.training.run.Run;

/**
 * The right to work on a run until it expires, unless it is renewed.
 *
 * @param run as it was when it was claimed
 * @param owner the trainer
 * @param token grows with every claim of the run; the holder of an older one is a zombie
 */
public record Lease(Run run, String owner, long token) {

  /** Of which run. */
  public String runId() {
    return run.id();
  }
}
