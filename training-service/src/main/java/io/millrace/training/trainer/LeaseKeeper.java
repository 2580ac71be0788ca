package io.millrace.training.trainer;

import io.millrace.platform.log.Repeated;
import io.millrace.training.TrainingProperties;
import io.millrace.training.lease.Lease;
import io.millrace.training.lease.LeaseLostException;
import io.millrace.training.lease.Leases;
import io.millrace.training.run.CurveBuffer;
import io.millrace.training.run.CurvePoint;
import io.millrace.training.run.Progress;
import io.millrace.training.run.Run;
import io.millrace.training.run.RunCurves;
import io.millrace.training.run.RunDatasets;
import io.millrace.training.run.RunEvents;
import io.millrace.training.run.RunStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * Keeps an attempt's lease alive and passes its progress on, beside the thread that computes; drops
 * progress that is followed by newer before it could be written.
 *
 * <p>A database that does not answer, or any other trouble, stops nothing: what protects a run from
 * two trainers is the fencing token, not this heartbeat.
 */
final class LeaseKeeper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseKeeper.class);

  private final Lease lease;
  private final StopSignal signal;
  private final Leases leases;
  private final RunStore store;
  private final RunEvents events;
  private final RunDatasets datasets;
  private final RunCurves curves;
  private final CurveBuffer curve;
  private final TrainingProperties properties;
  private final AtomicReference<@Nullable Progress> news = new AtomicReference<>();
  private final Thread thread;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Repeated warnings = new Repeated(LOG);
  private long lastEvent = System.nanoTime();

  LeaseKeeper(
      Lease lease,
      StopSignal signal,
      Leases leases,
      RunStore store,
      RunEvents events,
      RunDatasets datasets,
      RunCurves curves,
      CurveBuffer curve,
      TrainingProperties properties) {
    this.lease = lease;
    this.signal = signal;
    this.leases = leases;
    this.store = store;
    this.events = events;
    this.datasets = datasets;
    this.curves = curves;
    this.curve = curve;
    this.properties = properties;
    this.thread = Thread.ofVirtual().name("lease-" + lease.runId()).start(this::run);
  }

  /** Has the progress written soon. */
  void report(Progress progress) {
    news.set(progress);
  }

  /** Stops; progress that is not written yet is dropped. */
  @Override
  public void close() {
    // No interrupt: it would break the database connection that the thread may be using.
    closed.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    Duration pause = shorter(properties.lease().heartbeat(), properties.progress().period());
    long lastRenewal = System.nanoTime();
    while (signal.reason() != StopSignal.Reason.LEASE_LOST) {
      try {
        if (closed.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
          return;
        }
        if (isOver(lastRenewal, properties.lease().heartbeat())) {
          switch (leases.renew(lease)) {
            case CANCEL -> signal.stop(StopSignal.Reason.CANCEL);
            case PAUSE -> signal.stop(StopSignal.Reason.PAUSE);
            case NONE -> {}
          }
          if (datasets.isGone(lease.runId())) {
            signal.stop(StopSignal.Reason.DATASET_DELETED);
          }
          lastRenewal = System.nanoTime();
        }
        writeNews();
        warnings.over();
      } catch (LeaseLostException e) {
        LOG.warn(e.getMessage());
        signal.stop(StopSignal.Reason.LEASE_LOST);
      } catch (DataAccessException | TransactionException e) {
        warnings.warn(
            "run %s: the database does not answer, going on: %s".formatted(lease.runId(), e));
      } catch (RuntimeException | Error e) {
        warnings.warn(
            "run %s: trouble with its lease or progress, going on: %s".formatted(lease.runId(), e),
            e);
      } catch (InterruptedException e) {
        throw new IllegalStateException("nobody may interrupt the lease keeper", e);
      }
    }
  }

  private void writeNews() throws LeaseLostException {
    Progress progress = news.getAndSet(null);
    if (progress == null) {
      return;
    }
    boolean publish = isOver(lastEvent, properties.progress().eventPeriod());
    List<CurvePoint> points = curve.waiting();
    leases.withLease(
        lease,
        locked -> {
          Run run = store.note(locked, progress);
          curves.add(run.id(), points);
          if (publish) {
            events.changed(run);
          }
          return run;
        });
    curve.written(points.size());
    if (publish) {
      lastEvent = System.nanoTime();
    }
  }

  private static boolean isOver(long since, Duration period) {
    return System.nanoTime() - since >= period.toNanos();
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
