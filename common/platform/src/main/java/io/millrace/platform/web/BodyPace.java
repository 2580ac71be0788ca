package io.millrace.platform.web;

import io.millrace.platform.MillraceProperties;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.net.SocketTimeoutException;

/**
 * How fast a body comes. Only the time counts in which it is waited for: a service may take its own
 * time with what it has read.
 */
final class BodyPace {
  private static final double NANOS = 1e9;

  private final long grace;
  private final double bytesPerSecond;
  private long waited;
  private long bytes;

  BodyPace(MillraceProperties.Timeouts timeouts) {
    this.grace = timeouts.silence().toNanos();
    this.bytesPerSecond = timeouts.bodyRate().toBytes();
  }

  /** Reads some bytes. */
  @FunctionalInterface
  interface Read {
    /** As {@link java.io.InputStream#read(byte[])}. */
    int read() throws IOException;
  }

  /**
   * Reads.
   *
   * @throws MillraceException REQUEST_TIMEOUT if nothing came in time, or too little so far
   */
  int timed(Read read) throws IOException {
    long from = System.nanoTime();
    int count;
    try {
      count = read.read();
    } catch (IOException e) {
      // Tomcat takes it for a client that has gone.
      if (e instanceof SocketTimeoutException || e.getCause() instanceof SocketTimeoutException) {
        waited += System.nanoTime() - from;
        throw tooSlow();
      }
      throw e;
    }
    note(System.nanoTime() - from, Math.max(0, count));
    return count;
  }

  /** Counts what came in how many nanoseconds. */
  void note(long nanos, int count) {
    waited += nanos;
    bytes += count;
    if (waited > grace && bytes < bytesPerSecond * (waited / NANOS)) {
      throw tooSlow();
    }
  }

  private MillraceException tooSlow() {
    return new MillraceException(
        ErrorCode.REQUEST_TIMEOUT,
        "the body comes too slowly: %d bytes in %.1f s".formatted(bytes, waited / NANOS));
  }
}
