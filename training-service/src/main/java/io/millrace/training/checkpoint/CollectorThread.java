package io.millrace.training.checkpoint;

import io.millrace.platform.log.Repeated;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Collects soon after every checkpoint, and now and then; the rest at the start and every hour. */
@Component
class CollectorThread implements SmartLifecycle, CheckpointListener {
  private static final Logger LOG = LoggerFactory.getLogger(CollectorThread.class);
  private static final Duration PERIOD = Duration.ofSeconds(15);
  private static final Duration REST_EVERY = Duration.ofHours(1);

  private final CheckpointCollector versions;
  private final OrphanCollector orphans;
  private final Repeated warnings = new Repeated(LOG);
  private final Semaphore news = new Semaphore(0);
  private Thread thread = newThread();
  private volatile boolean running;

  CollectorThread(CheckpointCollector versions, OrphanCollector orphans) {
    this.versions = versions;
    this.orphans = orphans;
  }

  /** There may be something to collect. */
  @Override
  public void published() {
    news.release();
  }

  @Override
  public synchronized void start() {
    if (!running) {
      running = true;
      thread = newThread();
      thread.start();
    }
  }

  /** Ends after the round that is going on. */
  @Override
  public synchronized void stop() {
    running = false;
    published();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  private Thread newThread() {
    return Thread.ofVirtual().name("checkpoint-collector").unstarted(this::run);
  }

  private void run() {
    long restNext = System.nanoTime();
    try {
      while (running) {
        boolean done = collect(System.nanoTime() - restNext >= 0);
        if (done && System.nanoTime() - restNext >= 0) {
          restNext = System.nanoTime() + REST_EVERY.toNanos();
        }
        if (running && news.tryAcquire(PERIOD.toMillis(), TimeUnit.MILLISECONDS)) {
          news.drainPermits();
        }
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody may interrupt the collection of checkpoints", e);
    }
  }

  /** False if that did not work. */
  private boolean collect(boolean withRest) {
    try {
      versions.collect();
      if (withRest) {
        orphans.collect();
        versions.measure();
      }
      warnings.over();
      return true;
    } catch (IOException | RuntimeException | Error e) {
      // Whatever it is, the next round may work, and without one the disk fills.
      warnings.warn("cannot delete checkpoints, trying again: " + e, e);
      return false;
    }
  }
}
