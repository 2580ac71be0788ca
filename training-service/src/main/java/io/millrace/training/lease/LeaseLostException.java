package io.millrace.training.lease;

/** Another trainer has taken the run over, or it has ended: the caller must stop at once. */
public final class LeaseLostException extends Exception {
  private static final long serialVersionUID = 1L;

  LeaseLostException(Lease lease) {
    super(
        "trainer %s lost the lease on run %s (fencing token %d)"
            .formatted(lease.owner(), lease.runId(), lease.token()));
  }
}
