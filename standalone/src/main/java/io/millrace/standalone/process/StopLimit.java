package io.millrace.standalone.process;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Ends a process that has been told to end and does not come to it: a service may wait for a
 * database that is gone, a start for a server that does not answer. What was acknowledged is on
 * disk at any moment, so an end by force loses no more than {@code kill -9} does: nothing.
 */
final class StopLimit implements AutoCloseable {

  /** What a shell reports after SIGTERM. */
  static final int TERMINATED = 128 + 15;

  private final CountDownLatch stopped = new CountDownLatch(1);

  /**
   * Counts from now on.
   *
   * @param time until the process is ended
   * @param progress told that it is
   * @param end ends it, with whatever would outlive it
   */
  StopLimit(Duration time, Consumer<String> progress, Runnable end) {
    Thread.ofPlatform()
        .daemon()
        .name("millrace-stop-limit")
        .start(() -> {
          if (!isStoppedWithin(time)) {
            progress.accept(
                "not stopped within %d s: ended by force; data is kept"
                    .formatted(time.toSeconds()));
            end.run();
          }
        });
  }

  /** Everything has stopped in time. */
  @Override
  public void close() {
    stopped.countDown();
  }

  private boolean isStoppedWithin(Duration time) {
    try {
      return stopped.await(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      return false;
    }
  }
}
