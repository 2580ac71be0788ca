package io.millrace.training.run;

import io.millrace.platform.log.Repeated;
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
  private final Repeated warnings = new Repeated(LOG);
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
    Seen seen = look(id);
    long silentSince = System.nanoTime();
    while (listener.test(seen.run())) {
      if (seen.run().state().isFinal()) {
        return true;
      }
      Seen next = newer(seen);
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
        next = newer(seen);
      }
      seen = next;
      silentSince = System.nanoTime();
    }
    return false;
  }

  /**
   * A run as it was.
   *
   * @param place among those that wait; 0: it does not wait
   */
  private record Seen(Run run, int place) {}

  private Seen look(String id) {
    Run run = store.require(id);
    return new Seen(run, place(run));
  }

  /** The run if it has changed; null if not, or if the database does not answer now. */
  private @Nullable Seen newer(Seen seen) {
    try {
      Run before = seen.run();
      Seen now =
          store.revision(before.id()) == before.revision() && place(before) == seen.place()
              ? null
              : look(before.id());
      warnings.over();
      return now;
    } catch (DataAccessException e) {
      warnings.warn("cannot look at runs, trying again: " + e.getMessage());
      return null;
    }
  }

  /** A run that waits changes by the ends of others, too; 0: it does not wait. */
  private int place(Run run) {
    return run.state() == RunState.QUEUED ? store.waiting(run).place() : 0;
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
