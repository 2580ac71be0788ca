package io.millrace.language.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Memory that this process has taken, pages of mapped files not among it; for Linux. */
final class PeakMemory {

  /** Work that may fail to read or write. */
  @FunctionalInterface
  interface Work {

    void run() throws IOException;
  }

  private PeakMemory() {}

  /**
   * How much more than before is taken at the worst moment of some work, looked at thousands of
   * times a second.
   */
  static long bytesAdded(Work work) throws IOException {
    System.gc();
    long before = taken();
    AtomicLong peak = new AtomicLong(before);
    Thread watch =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              while (!Thread.currentThread().isInterrupted()) {
                peak.accumulateAndGet(taken(), Math::max);
                // A look makes garbage, which is memory too.
                LockSupport.parkNanos(200_000);
              }
            });
    try {
      work.run();
    } finally {
      watch.interrupt();
    }
    return peak.get() - before;
  }

  /** Bytes taken now. */
  static long taken() {
    try {
      String[] pages = Files.readString(Path.of("/proc/self/statm")).split(" ");
      return (Long.parseLong(pages[1]) - Long.parseLong(pages[2])) * 4096;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
