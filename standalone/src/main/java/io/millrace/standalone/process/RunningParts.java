package io.millrace.standalone.process;

import io.millrace.embedded.EmbeddedPostgres;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has been started, stopped in reverse order: by its owner or, where the process is told to
 * end first (Ctrl-C, SIGTERM), by a shutdown hook that is there before the first part starts.
 *
 * <p>The database server is a process of its own and would outlive this one. So stopping waits for
 * what is being started at that moment, stops it too, and lets nothing else start. Where the
 * process is told to end it waits no longer than the {@link StopLimit}.
 */
public final class RunningParts implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RunningParts.class);

  /** Ten seconds are promised; a busy machine needs some of them to hear of it, and to end. */
  private static final Duration STOP_LIMIT = Duration.ofSeconds(7);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final Thread hook;
  private int starting;
  private boolean stopping;
  private boolean stopped;

  /**
   * No parts yet.
   *
   * @param progress told when the process is told to end, and when all parts have stopped
   * @throws InterruptedProcessException if the process is ending already
   */
  public RunningParts(Consumer<String> progress) {
    this.hook = new Thread(() -> stopWithProcess(progress), "millrace-stop");
    ProcessEnd.beforeIt(hook);
  }

  /**
   * Starts a part, from any thread.
   *
   * @throws InterruptedProcessException if stopping has begun; the part does not run then
   */
  public <T extends AutoCloseable> T start(Callable<T> start) {
    synchronized (this) {
      requireRunning();
      starting++;
    }
    try {
      T part = start.call();
      synchronized (this) {
        // On top of the others even if stopping has begun: it waits for this and stops it first.
        parts.push(part);
      }
      return part;
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    } finally {
      synchronized (this) {
        starting--;
        notifyAll();
      }
    }
  }

  /** Stops all parts, or waits until whoever does so already has. */
  @Override
  public void close() {
    RuntimeException failure = new IllegalStateException("the platform did not stop cleanly");
    stop(failure);
    ProcessEnd.forget(hook);
    if (failure.getSuppressed().length > 0) {
      throw failure;
    }
  }

  /** Stops all parts because of a failure, which carries those of stopping from then on. */
  public void closeAfter(Throwable failure) {
    stop(failure);
    ProcessEnd.forget(hook);
  }

  private void stopWithProcess(Consumer<String> progress) {
    ProcessEnd.ask();
    // On a line of its own: a progress bar, or the terminal's ^C, may be on this one.
    progress.accept(System.lineSeparator() + "interrupted: stopping ...");
    RuntimeException failure = new IllegalStateException("the platform did not stop cleanly");
    StopLimit limit = new StopLimit(STOP_LIMIT, progress, RunningParts::endByForce);
    stop(failure);
    limit.close();
    if (failure.getSuppressed().length > 0) {
      LOG.error("not everything stopped cleanly", failure);
    }
    progress.accept("stopped; data is kept");
  }

  private static void endByForce() {
    try {
      EmbeddedPostgres.killAll();
    } finally {
      ProcessEnd.atOnce(StopLimit.TERMINATED);
    }
  }

  private void stop(Throwable failure) {
    if (!begin()) {
      return;
    }
    for (AutoCloseable part = next(); part != null; part = next()) {
      try {
        part.close();
      } catch (Exception e) {
        failure.addSuppressed(e);
      }
    }
    synchronized (this) {
      stopped = true;
      notifyAll();
    }
  }

  /** Whether it is for the caller to stop the parts; if not, they have been stopped meanwhile. */
  private synchronized boolean begin() {
    boolean first = !stopping;
    boolean interrupted = false;
    stopping = true;
    while (first ? starting > 0 : !stopped) {
      try {
        wait();
      } catch (InterruptedException e) {
        // Leaving now would leave servers behind.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return first;
  }

  private synchronized @Nullable AutoCloseable next() {
    return parts.poll();
  }

  private synchronized void requireRunning() {
    if (stopping) {
      throw new InterruptedProcessException();
    }
  }
}
