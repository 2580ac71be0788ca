package io.millrace.training.run;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/**
 * Follows runs by looking at their revision in the database, so that it does not matter which
 * replica works on them. May leave out states that lasted shorter than {@link #PERIOD}; never the
 * last one.
 */
@Component
class RunWatch implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(RunWatch.class);
  private static final Duration PERIOD = Duration.ofMillis(250);
  private static final Duration SILENCE = Duration.ofSeconds(10);

  private final RunStore store;
  private volatile boolean running;

  RunWatch(RunStore store) {
    this.store = store;
  }

  /**
   * Hands over a run as it is now and after every change; returns when it is finished, when nobody
   * listens any more, or when the service stops.
   *
   * @param listener answers whether it wants more
   * @param idle asked after every {@link #SILENCE} without a change, whether somebody still listens
   * @return whether the run is finished
   */
  boolean follow(String id, Predicate<Run> listener, BooleanSupplier idle)
      throws InterruptedException {
    Run run = store.require(id);
    long silentSince = System.nanoTime();
    while (listener.test(run)) {
      if (run.state().isFinal()) {
        return true;
      }
      Run next = newer(run);
      while (next == null) {
        if (!running) {
          return false;
        }
        if (System.nanoTime() - silentSince > SILENCE.toNanos()) {
          if (!idle.getAsBoolean()) {
            return false;
          }
          silentSince = System.nanoTime();
        }
        Thread.sleep(PERIOD);
        next = newer(run);
      }
      run = next;
      silentSince = System.nanoTime();
    }
    return false;
  }

  /** The run if it has changed; null if not, or if the database does not answer now. */
  private @Nullable Run newer(Run seen) {
    try {
      return store.revision(seen.id()) == seen.revision() ? null : store.require(seen.id());
    } catch (DataAccessException e) {
      LOG.warn("cannot look at run {}, trying again: {}", seen.id(), e.getMessage());
      return null;
    }
  }

  @Override
  public void start() {
    running = true;
  }

  /** Ends all watches, which would hold up the end of the web server. */
  @Override
  public void stop() {
    running = false;
  }

  @Override
  public boolean isRunning() {
    return running;
  }
}
