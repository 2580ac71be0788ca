package io.millrace.inference.swap;

import io.millrace.inference.runtime.ModelRuntime;
import io.millrace.platform.registry.ModelVersion;

/**
 * A version that stays loaded until this is closed, whatever is swapped in meanwhile.
 *
 * @param <R> what serves it
 */
public final class Held<R extends ModelRuntime> implements AutoCloseable {

  private final SwapHolder.Lease<LoadedModel> lease;
  private final R runtime;

  Held(SwapHolder.Lease<LoadedModel> lease, R runtime) {
    this.lease = lease;
    this.runtime = runtime;
  }

  /** Which version. */
  public ModelVersion version() {
    return lease.value().version();
  }

  /** What serves it. */
  public R runtime() {
    return runtime;
  }

  /** Lets go; further calls change nothing. */
  @Override
  public void close() {
    lease.close();
  }
}
