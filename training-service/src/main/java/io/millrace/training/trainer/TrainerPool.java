package io.millrace.training.trainer;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.platform.MillraceProperties;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.log.Repeated;
import io.millrace.platform.store.ObjectStore;
import io.millrace.platform.vital.VitalThreads;
import io.millrace.training.TrainingMetric;
import io.millrace.training.TrainingProperties;
import io.millrace.training.lease.Lease;
import io.millrace.training.lease.Leases;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.DependsOn;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * Takes up runs as long as there is a free place, each on a platform thread of its own. When the
 * service stops, every run finishes its step, publishes what it learned and waits for a trainer
 * again.
 */
@Component
// Stopped before the relay, which can then still publish the last checkpoints.
@DependsOn("outboxRelay")
class TrainerPool implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(TrainerPool.class);

  /** Saving takes seconds, or minutes; what is older was left by a process that died. */
  private static final Duration STAGED_AT_MOST = Duration.ofHours(6);

  private static final Duration SILENCE = Duration.ofMinutes(3);

  private final Leases leases;
  private final Worker worker;
  private final ObjectStore objects;
  private final TrainingProperties properties;
  private final VitalThreads vital;
  private final String owner;
  private final int threads;
  private final Map<Thread, StopSignal> working = new ConcurrentHashMap<>();
  private final Repeated warnings = new Repeated(LOG);
  private CountDownLatch stopping = new CountDownLatch(1);
  private volatile boolean running;
  private volatile @Nullable String failure;
  private @Nullable Thread claimer;

  TrainerPool(
      Leases leases,
      Worker worker,
      ObjectStore objects,
      TrainingProperties properties,
      MillraceProperties platform,
      VitalThreads vital,
      MeterRegistry metrics) {
    this.leases = leases;
    this.worker = worker;
    this.objects = objects;
    this.properties = properties;
    this.vital = vital;
    // A name for logs and, before the slash, for releaseOfInstance; it proves nothing.
    this.owner = properties.instance() + "/" + UUID.randomUUID();
    int configured = platform.engine().threads();
    this.threads = configured == 0 ? Runtime.getRuntime().availableProcessors() : configured;
    TrainingMetric.RUNS_ACTIVE.gauge(metrics, working, Map::size);
  }

  @Override
  public synchronized void start() {
    if (running) {
      return;
    }
    running = true;
    stopping = new CountDownLatch(1);
    clearStaging();
    if (!properties.instance().isEmpty()) {
      int released = leases.releaseOfInstance(properties.instance());
      LOG.info("going on with {} runs of an earlier life of this trainer", released);
    }
    claimer = vital.start(Thread.ofVirtual().name("trainer-pool"), SILENCE, () -> claim(stopping));
  }

  @Override
  public synchronized void stop() {
    running = false;
    stopping.countDown();
    Thread claiming = claimer;
    vital.forget(claiming);
    try {
      if (claiming != null) {
        claiming.join();
      }
      working.values().forEach(signal -> signal.stop(StopSignal.Reason.SHUTDOWN));
      for (Thread thread : working.keySet()) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** Why no run is taken up now; null if runs are. */
  @Nullable String failure() {
    return failure;
  }

  private void clearStaging() {
    try {
      int deleted = objects.clearStaging(STAGED_AT_MOST);
      LOG.debug("deleted {} staged files", deleted);
    } catch (IOException | MillraceException e) {
      LOG.warn("cannot clear away staged files: {}", e.toString());
    }
  }

  private void claim(CountDownLatch end) {
    try {
      do {
        vital.beat();
        if (working.size() < properties.concurrentRuns()) {
          claimOne();
        }
      } while (!end.await(properties.lease().poll().toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody may interrupt the search for runs", e);
    }
  }

  private void claimOne() {
    try {
      leases.claim(owner).ifPresent(this::begin);
      failure = null;
      warnings.over();
    } catch (DataAccessException | TransactionException e) {
      failure = "cannot look for runs: " + e.getMessage();
      warnings.warn(failure + ", trying again");
    } catch (RuntimeException | Error e) {
      // Whatever it is, the next look may work, and without one no run is ever taken up.
      if (failure == null) {
        LOG.error("cannot look for runs, trying again", e);
      }
      failure = "cannot look for runs: " + e;
      warnings.warn(failure + ", trying again");
    }
  }

  private void begin(Lease lease) {
    StopSignal signal = new StopSignal();
    Thread thread =
        Thread.ofPlatform()
            .name("train-" + lease.runId())
            .uncaughtExceptionHandler((dead, e) -> LOG.error("{} died", dead.getName(), e))
            .unstarted(() -> {
              try {
                worker.work(lease, signal, threads);
              } finally {
                working.remove(Thread.currentThread());
              }
            });
    working.put(thread, signal);
    boolean started = false;
    try {
      thread.start();
      started = true;
    } finally {
      if (!started) {
        // The system has no thread left: the place is free again, and so is the run when its lease
        // ends.
        working.remove(thread);
      }
    }
  }
}
