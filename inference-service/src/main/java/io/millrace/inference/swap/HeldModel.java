package io.millrace.inference.swap;

import io.millrace.inference.runtime.ModelRuntime;
import io.millrace.platform.registry.ModelVersion;
import java.util.concurrent.atomic.AtomicBoolean;

/** A version that stays loaded until this is closed, whatever is swapped in meanwhile. */
public final class HeldModel implements AutoCloseable {

  private final Serving serving;
  private final AtomicBoolean closed = new AtomicBoolean();

  HeldModel(Serving serving) {
    this.serving = serving;
  }

  /** Which version. */
  public ModelVersion version() {
    return serving.version();
  }

  /** What serves it. */
  public ModelRuntime runtime() {
    return serving.runtime();
  }

  /** Lets go; further calls change nothing. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      serving.release();
    }
  }
}
