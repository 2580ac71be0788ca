package io.millrace.platform.web;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Takes all memory for bodies of this process, as others would. */
public final class FullMemory implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final BodyMemory.Share share = BodyMemory.OF_PROCESS.share();

  /** Until it is closed. */
  public FullMemory() {
    // Clients hear of the ends of their requests before what these took is given back.
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    while (BodyMemory.OF_PROCESS.used() > 0 && System.nanoTime() < deadline) {
      LockSupport.parkNanos(1_000_000);
    }
    share.take(Runtime.getRuntime().maxMemory() / 2 - BodyMemory.OF_PROCESS.used());
  }

  @Override
  public void close() {
    share.close();
  }
}
