package io.millrace.platform.rpc;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** How long calls wait for their clients' next message. */
final class MessageTimer implements AutoCloseable {
  private final Duration longest;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("grpc-silence").factory());

  MessageTimer(Duration longest) {
    this.longest = longest;
  }

  Duration longest() {
    return longest;
  }

  /**
   * A wait that has not begun.
   *
   * @param late called on another thread if it lasts too long
   */
  Wait wait(Runnable late) {
    return new Wait(late);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }

  /** The waiting of one call. */
  final class Wait {
    private final Runnable late;
    private @Nullable ScheduledFuture<?> due;
    private boolean ended;

    private Wait(Runnable late) {
      this.late = late;
    }

    /** A message is wanted; begins anew if one was wanted already. */
    synchronized void begin() {
      pause();
      if (!ended && !timer.isShutdown()) {
        due =
            timer.schedule(
                () -> Thread.startVirtualThread(late), longest.toMillis(), TimeUnit.MILLISECONDS);
      }
    }

    /** A message has come. */
    synchronized void pause() {
      if (due != null) {
        due.cancel(false);
        due = null;
      }
    }

    /** No more messages are wanted. */
    synchronized void end() {
      ended = true;
      pause();
    }
  }
}
