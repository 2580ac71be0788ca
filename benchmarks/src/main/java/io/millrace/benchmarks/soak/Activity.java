package io.millrace.benchmarks.soak;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Something that clients do again and again. */
final class Activity {
  private final String name;
  private final Duration pause;
  private final Deed deed;
  private final AtomicLong done = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private volatile @Nullable Exception first;

  Activity(String name, Duration pause, Deed deed) {
    this.name = name;
    this.pause = pause;
    this.deed = deed;
  }

  /** Doing it once. */
  @FunctionalInterface
  interface Deed {
    void run() throws Exception;
  }

  /** Does it until that time. */
  void until(long nanoTime) throws InterruptedException {
    while (System.nanoTime() < nanoTime) {
      try {
        deed.run();
        done.incrementAndGet();
      } catch (InterruptedException e) {
        throw e;
      } catch (Exception e) {
        failed.incrementAndGet();
        if (first == null) {
          first = e;
        }
      }
      Thread.sleep(pause);
    }
  }

  long failures() {
    return failed.get();
  }

  /** How often it was done, and its first failure if there was one. */
  String told() {
    Exception why = first;
    return "%s: %,d done, %,d failed%s"
        .formatted(name, done.get(), failed.get(), why == null ? "" : ", the first: " + why);
  }
}
