package io.millrace.inference.swap;

import io.millrace.inference.runtime.ModelRuntime;
import io.millrace.platform.registry.ModelVersion;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A loaded version and how many hold it: its slot, and every request that uses it. The last one to
 * let go closes it.
 */
final class Serving {

  private final ModelVersion version;
  private final ModelRuntime runtime;
  private final AtomicInteger holders = new AtomicInteger(1);

  /** Held by who made it. */
  Serving(ModelVersion version, ModelRuntime runtime) {
    this.version = version;
    this.runtime = runtime;
  }

  ModelVersion version() {
    return version;
  }

  ModelRuntime runtime() {
    return runtime;
  }

  /** Takes hold; false if the last holder has let go already. */
  boolean retain() {
    int now = holders.get();
    while (now > 0) {
      if (holders.compareAndSet(now, now + 1)) {
        return true;
      }
      now = holders.get();
    }
    return false;
  }

  void release() {
    int left = holders.decrementAndGet();
    if (left == 0) {
      runtime.close();
    } else if (left < 0) {
      throw new IllegalStateException("model " + version.model() + " was released too often");
    }
  }
}
