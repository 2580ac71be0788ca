package io.millrace.platform.log;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * The warnings of something that is tried again and again: the first is logged at once, those that
 * follow once in a while, with how many were left out. For any threads.
 */
public final class Repeated {
  /** Between warnings that go on. */
  static final Duration PERIOD = Duration.ofMinutes(1);

  private final Logger log;
  private final LongSupplier nanos;
  private boolean warned;
  private long last;
  private long leftOut;

  /** Warnings to a log. */
  public Repeated(Logger log) {
    this(log, System::nanoTime);
  }

  Repeated(Logger log, LongSupplier nanos) {
    this.log = log;
    this.nanos = nanos;
  }

  /** Logs a warning, or counts it. */
  public void warn(String message) {
    warn(message, null);
  }

  /**
   * Logs a warning, or counts it.
   *
   * @param cause whose stack is logged with the first warning
   */
  public synchronized void warn(String message, @Nullable Throwable cause) {
    long now = nanos.getAsLong();
    if (warned && now - last < PERIOD.toNanos()) {
      leftOut++;
      return;
    }
    if (!warned) {
      log.warn("{}", message, cause);
    } else if (leftOut == 0) {
      log.warn("{}", message);
    } else {
      log.warn("{} ({} such warnings were left out)", message, leftOut);
    }
    warned = true;
    last = now;
    leftOut = 0;
  }

  /** What was tried has succeeded: the next warning is news again. */
  public synchronized void over() {
    if (leftOut > 0) {
      log.info("that is over; {} warnings were left out", leftOut);
    }
    warned = false;
    leftOut = 0;
  }
}
