package io.millrace.inference.swap;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.inference.InferenceMetric;
import io.millrace.inference.swap.CandidateLoader.RefusedException;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.tensor.engine.TensorEngine;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * Loads what slots were offered, on a thread of its own, one version at a time.
 *
 * <p>What it makes of a version takes effect before it is written to the log: a database that is
 * down delays the log, not the swap. Entries that were not written when the process ends are lost;
 * at the next start the version is loaded, and logged, anew.
 */
@Component
final class SwapWorker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SwapWorker.class);
  private static final Duration LOG_RETRY = Duration.ofSeconds(1);

  private final CandidateLoader loader;
  private final SwapLog log;
  private final MeterRegistry meters;
  private final LinkedBlockingQueue<Runnable> work = new LinkedBlockingQueue<>();
  private final ArrayDeque<Runnable> unlogged = new ArrayDeque<>();
  private final Thread thread;
  private volatile boolean closed;

  /** Takes up no work before {@link #start()}. */
  SwapWorker(CandidateLoader loader, SwapLog log, MeterRegistry meters) {
    this.loader = loader;
    this.log = log;
    this.meters = meters;
    this.thread = Thread.ofPlatform().name("model-swap").daemon().unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Looks at a slot again, soon. */
  void wake(ModelSlot slot) {
    work.add(() -> loadAll(slot));
  }

  /** Stops after the version in hand. */
  @Override
  public void close() {
    closed = true;
    work.add(() -> LOG.debug("closed"));
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    TensorEngine.enterThread(1);
    while (!closed) {
      try {
        Runnable task =
            unlogged.isEmpty()
                ? work.take()
                : work.poll(LOG_RETRY.toMillis(), TimeUnit.MILLISECONDS);
        if (task != null) {
          task.run();
        }
        writeLog();
      } catch (InterruptedException e) {
        LOG.warn("interrupted by nobody we know, going on", e);
      }
    }
  }

  private void loadAll(ModelSlot slot) {
    ModelVersion candidate = closed ? null : slot.next();
    while (candidate != null) {
      load(slot, candidate);
      candidate = closed ? null : slot.next();
    }
  }

  private void load(ModelSlot slot, ModelVersion candidate) {
    long from = System.nanoTime();
    try {
      LoadedModel loaded = loader.load(candidate);
      Duration took = Duration.ofNanos(System.nanoTime() - from);
      if (slot.serve(loaded)) {
        LOG.info(
            "model {}: version {} (step {}, {}) serves after {} ms",
            candidate.model(),
            candidate.version(),
            candidate.step(),
            shortDigest(candidate),
            took.toMillis());
        count(InferenceMetric.SWAPS, candidate.model());
        meters
            .timer(InferenceMetric.LOAD.id(), InferenceMetric.MODEL, candidate.model())
            .record(took);
        unlogged.add(() -> log.serving(candidate, millis(took), slot.status().swapPauseMsMax()));
      }
    } catch (RefusedException e) {
      Duration spent = Duration.ofNanos(System.nanoTime() - from);
      slot.refuse(new ModelStatus.Rejection(candidate.version(), e.reason()));
      LOG.warn(
          "model {}: version {} is refused, {}: {}",
          candidate.model(),
          candidate.version(),
          servingVersion(slot) == 0 ? "none serves" : "version " + servingVersion(slot) + " stays",
          e.reason(),
          e.getCause());
      count(InferenceMetric.REJECTIONS, candidate.model());
      unlogged.add(() -> log.rejected(candidate, e.reason(), millis(spent)));
    }
  }

  private void writeLog() {
    try {
      for (Runnable entry = unlogged.peek(); entry != null; entry = unlogged.peek()) {
        entry.run();
        unlogged.remove();
      }
    } catch (DataAccessException | TransactionException e) {
      LOG.warn("cannot log {} swaps, trying again: {}", unlogged.size(), e.getMessage());
    }
  }

  private static int servingVersion(ModelSlot slot) {
    ModelVersion serving = slot.status().serving();
    return serving == null ? 0 : serving.version();
  }

  private void count(InferenceMetric metric, String model) {
    meters.counter(metric.id(), InferenceMetric.MODEL, model).increment();
  }

  private static double millis(Duration time) {
    return time.toNanos() / 1e6;
  }

  private static String shortDigest(ModelVersion version) {
    String digest = version.manifestSha256();
    return digest.substring(0, Math.min(12, digest.length()));
  }
}
