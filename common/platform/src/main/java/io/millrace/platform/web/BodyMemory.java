package io.millrace.platform.web;

import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory for the bodies of all requests of this process, as it is estimated while they are read. A
 * few callers with large bodies would otherwise fill the heap that everything else lives in.
 */
final class BodyMemory {
  /** Of this process: services in one process share its heap. */
  static final BodyMemory OF_PROCESS = new BodyMemory(Runtime.getRuntime().maxMemory() / 2);

  private final long most;
  private final AtomicLong used = new AtomicLong();

  /**
   * Memory.
   *
   * @param most in bytes
   */
  BodyMemory(long most) {
    this.most = most;
  }

  /** What one request takes; closed when it has been answered. */
  Share share() {
    return new Share();
  }

  /** Bytes that are taken now. */
  long used() {
    return used.get();
  }

  /** The part of one request. */
  final class Share implements AutoCloseable {
    private long taken;

    /**
     * Takes more.
     *
     * @throws MillraceException PAYLOAD_TOO_LARGE if it is more than there is for all, OVERLOADED
     *     if others have too much of it now
     */
    void take(long bytes) {
      if (taken + bytes > most) {
        throw new MillraceException(
            ErrorCode.PAYLOAD_TOO_LARGE,
            "the body needs more memory than the %d MB that this service has for all bodies"
                .formatted(most >> 20));
      }
      if (used.addAndGet(bytes) > most) {
        used.addAndGet(-bytes);
        throw new MillraceException(
            ErrorCode.OVERLOADED,
            "other requests fill the memory for bodies; try again in a moment");
      }
      taken += bytes;
    }

    /** Gives all back. */
    @Override
    public void close() {
      used.addAndGet(-taken);
      taken = 0;
    }
  }
}
