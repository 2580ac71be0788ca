package io.millrace.inference.swap;

import io.millrace.inference.runtime.ModelRuntime;
import io.millrace.platform.registry.ModelVersion;

/** A version that stays loaded until this is closed, whatever is swapped in meanwhile. */
public final class HeldModel implements AutoCloseable {

  private final SwapHolder.Lease<LoadedModel> lease;

  HeldModel(SwapHolder.Lease<LoadedModel> lease) {
    this.lease = lease;
  }

  /** Which version. */
  public ModelVersion version() {
    return lease.value().version();
  }

  /** What serves it. */
  public ModelRuntime runtime() {
    return lease.value().runtime();
  }

  /** Lets go; further calls change nothing. */
  @Override
  public void close() {
    lease.close();
  }
}
