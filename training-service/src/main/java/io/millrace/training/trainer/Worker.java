package io.millrace.training.trainer;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.platform.error.Reasons;
import io.millrace.platform.trace.TracedSpan;
import io.millrace.platform.trace.Traces;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.training.TrainingMetric;
import io.millrace.training.TrainingProperties;
import io.millrace.training.checkpoint.RunCheckpoints;
import io.millrace.training.fault.FaultPoint;
import io.millrace.training.fault.Faults;
import io.millrace.training.lease.Lease;
import io.millrace.training.lease.LeaseLostException;
import io.millrace.training.lease.Leases;
import io.millrace.training.run.CurveBuffer;
import io.millrace.training.run.Run;
import io.millrace.training.run.RunCurves;
import io.millrace.training.run.RunDatasets;
import io.millrace.training.run.RunEvent;
import io.millrace.training.run.RunEvents;
import io.millrace.training.run.RunLog;
import io.millrace.training.run.RunRequest;
import io.millrace.training.run.RunStore;
import io.opentelemetry.api.trace.SpanKind;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * Makes one attempt at a run and writes down how it ended.
 *
 * <p>An attempt that is abandoned leaves the run to be taken over when the lease expires, so often
 * in a row as {@link TrainingProperties#maxStalledAttempts} says. An {@link Error} ends the attempt
 * without a word, as a crash of the process would: the lease expires and somebody takes the run
 * over from its last checkpoint.
 */
@Component
class Worker {
  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

  private final Attempt attempt;
  private final Leases leases;
  private final RunStore store;
  private final RunEvents events;
  private final RunDatasets datasets;
  private final RunCurves curves;
  private final RunLog log;
  private final Faults faults;
  private final RunCheckpoints checkpoints;
  private final MeterRegistry metrics;
  private final Traces traces;
  private final CheckpointAges ages;
  private final TrainingProperties properties;

  Worker(
      Attempt attempt,
      Leases leases,
      RunStore store,
      RunEvents events,
      RunDatasets datasets,
      RunCurves curves,
      RunLog log,
      Faults faults,
      RunCheckpoints checkpoints,
      MeterRegistry metrics,
      Traces traces,
      CheckpointAges ages,
      TrainingProperties properties) {
    this.attempt = attempt;
    this.leases = leases;
    this.store = store;
    this.events = events;
    this.datasets = datasets;
    this.curves = curves;
    this.log = log;
    this.faults = faults;
    this.checkpoints = checkpoints;
    this.metrics = metrics;
    this.traces = traces;
    this.ages = ages;
    this.properties = properties;
  }

  /**
   * Works on a run, on the calling platform thread.
   *
   * @param threads of an operation
   */
  void work(Lease lease, StopSignal signal, int threads) {
    TensorEngine.enterThread(threads);
    RunRequest request = lease.run().request();
    // A trace of its own where nobody's is recorded, and the same one for every attempt where one
    // is.
    try (TracedSpan span =
        traces.begin("run " + request.task(), SpanKind.CONSUMER, lease.run().traceparent())) {
      span.tag("millrace.run", lease.runId())
          .tag("millrace.model", request.model())
          .tag("millrace.attempt", lease.run().attempts());
      ages.saved(lease);
      workTraced(lease, signal, threads, span);
    } finally {
      ages.ended(lease);
    }
  }

  private void workTraced(Lease lease, StopSignal signal, int threads, TracedSpan span) {
    LOG.info(
        "run {} of model {}: attempt {}",
        lease.runId(),
        lease.run().request().model(),
        lease.run().attempts());
    CurveBuffer curve = new CurveBuffer();
    try {
      if (lease.run().cancelRequested() || lease.run().pauseRequested()) {
        // Its trainer died before it could stop; what it had not saved is lost either way.
        finish(lease, lease.run().cancelRequested() ? RunEvent.STOP : RunEvent.PAUSE, null, curve);
        return;
      }
      Attempt.Outcome outcome = attempt(lease, signal, curve, threads);
      faults.reach(FaultPoint.COMPLETING);
      finish(lease, endOf(outcome, signal), outcome, curve);
    } catch (RunFailedException e) {
      span.failed(e);
      LOG.warn("run {} failed: {}", lease.runId(), e.getMessage(), e.getCause());
      fail(lease, String.valueOf(e.getMessage()), curve);
    } catch (AttemptAbandonedException e) {
      span.failed(e);
      LOG.error("run {} is left to be taken over", lease.runId(), e);
      note(lease, String.valueOf(e.getMessage()));
      count(lease, "abandoned");
    } catch (LeaseLostException e) {
      span.failed(e);
      LOG.warn(e.getMessage());
      count(lease, "lease_lost");
    } catch (DataAccessException | TransactionException e) {
      span.failed(e);
      LOG.error("run {} is left to be taken over: no database", lease.runId(), e);
      count(lease, "abandoned");
    } catch (InterruptedException e) {
      span.failed(e);
      LOG.warn("run {} was interrupted, it is left to be taken over", lease.runId());
      count(lease, "abandoned");
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      span.failed(e);
      LOG.error("run {} failed", lease.runId(), e);
      fail(lease, "internal error: " + e, curve);
    }
  }

  private Attempt.Outcome attempt(Lease lease, StopSignal signal, CurveBuffer curve, int threads)
      throws RunFailedException,
          AttemptAbandonedException,
          LeaseLostException,
          InterruptedException {
    try (LeaseKeeper keeper =
        new LeaseKeeper(
            lease, signal, leases, store, events, datasets, curves, curve, properties)) {
      return attempt.work(new Hold(lease, keeper, curve, signal), threads);
    }
  }

  /** What the end of the work means; null: another trainer has the run. */
  private static @Nullable RunEvent endOf(Attempt.Outcome outcome, StopSignal signal) {
    return switch (signal.reason()) {
      case NONE -> RunEvent.COMPLETE;
      case CANCEL -> outcome.done() ? RunEvent.COMPLETE : RunEvent.STOP;
      case PAUSE -> outcome.done() ? RunEvent.COMPLETE : RunEvent.PAUSE;
      case SHUTDOWN -> outcome.done() ? RunEvent.COMPLETE : RunEvent.YIELD;
      // The attempt has thrown what that means.
      case DATASET_DELETED -> RunEvent.FAIL;
      case LEASE_LOST -> null;
    };
  }

  /** What clients want meanwhile counts, and what they want no more does not. */
  private static RunEvent wanted(Run locked, RunEvent event) {
    return switch (event) {
      case YIELD, PAUSE -> {
        if (locked.cancelRequested() && event == RunEvent.PAUSE) {
          yield RunEvent.STOP;
        }
        yield locked.pauseRequested() ? RunEvent.PAUSE : RunEvent.YIELD;
      }
      case CLAIM, TAKE_OVER, COMPLETE, FAIL, REQUEST_CANCEL, STOP, REQUEST_PAUSE, RESUME -> event;
    };
  }

  private void fail(Lease lease, String reason, CurveBuffer curve) {
    try {
      finish(lease, RunEvent.FAIL, null, Reasons.storable(reason), curve);
    } catch (LeaseLostException e) {
      LOG.warn(e.getMessage());
    } catch (DataAccessException | TransactionException e) {
      LOG.error("run {}: cannot note its failure", lease.runId(), e);
    }
  }

  /** Keeps why an attempt was abandoned, for the reason of a run that fails in the end. */
  private void note(Lease lease, String reason) {
    try {
      leases.withLease(
          lease,
          locked -> {
            log.add(locked.id(), "the attempt is abandoned: " + reason);
            return store.noteTrouble(locked, Reasons.storable(reason));
          });
    } catch (LeaseLostException e) {
      LOG.warn(e.getMessage());
    } catch (DataAccessException | TransactionException e) {
      LOG.error("run {}: cannot note why its attempt ended", lease.runId(), e);
    }
  }

  private void finish(
      Lease lease, @Nullable RunEvent event, Attempt.@Nullable Outcome outcome, CurveBuffer curve)
      throws LeaseLostException {
    finish(lease, event, outcome, "", curve);
  }

  private void finish(
      Lease lease,
      @Nullable RunEvent event,
      Attempt.@Nullable Outcome outcome,
      String error,
      CurveBuffer curve)
      throws LeaseLostException {
    if (event == null) {
      count(lease, "lease_lost");
      return;
    }
    Run finished =
        leases.withLease(
            lease,
            locked -> {
              Run noted = outcome == null ? locked : store.note(locked, outcome.progress());
              curves.add(locked.id(), curve.waiting());
              Run run = store.apply(noted, wanted(locked, event), error);
              log.add(run.id(), ending(run));
              datasets.changed(run);
              events.changed(run);
              return run;
            });
    LOG.info(
        "run {} is {} at step {}", finished.id(), finished.state(), finished.progress().step());
    count(lease, event.name().toLowerCase(Locale.ROOT));
    if (finished.state().isFinal()) {
      clearLeftovers(finished);
    }
  }

  private static String ending(Run run) {
    return "%s at step %d%s"
        .formatted(
            run.state().label(),
            run.progress().step(),
            run.error().isEmpty() ? "" : ": " + run.error());
  }

  private void clearLeftovers(Run run) {
    try {
      checkpoints.clearLeftovers(run);
    } catch (IOException | RuntimeException e) {
      LOG.warn("run {}: cannot delete what its attempts left: {}", run.id(), e.toString());
    }
  }

  private void count(Lease lease, String outcome) {
    TrainingMetric.ATTEMPTS.counter(metrics, lease.run().request().task(), outcome).increment();
  }
}
