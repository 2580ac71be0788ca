package io.millrace.training.trainer;

import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.Registry;
import io.millrace.platform.registry.SnapshotEntry;
import io.millrace.platform.store.ObjectStore;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.training.checkpoint.RunCheckpoints;
import io.millrace.training.checkpoint.SavedRun;
import io.millrace.training.checkpoint.TrainerState;
import io.millrace.training.lease.Lease;
import io.millrace.training.lease.LeaseLostException;
import io.millrace.training.run.ModelRef;
import io.millrace.training.run.Run;
import io.millrace.training.run.RunRequest;
import io.millrace.training.stream.BatchSource;
import io.millrace.training.stream.KafkaBatchSource;
import io.millrace.training.stream.PrefetchException;
import io.millrace.training.stream.StreamException;
import io.millrace.training.stream.StreamPosition;
import io.millrace.training.task.Start;
import io.millrace.training.task.Task;
import io.millrace.training.task.TaskCatalog;
import io.millrace.training.task.TaskContext;
import io.millrace.training.task.TrainingTask;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Builds what a run needs, new or from its last checkpoint, and lets a {@link Session} learn. */
@Component
class Attempt {
  private static final Logger LOG = LoggerFactory.getLogger(Attempt.class);

  private final TaskCatalog tasks;
  private final Registry registry;
  private final ObjectStore objects;
  private final RunCheckpoints checkpoints;
  private final TensorEngine engine;
  private final KafkaClients kafka;
  private final Session.Tools tools;

  Attempt(
      TaskCatalog tasks,
      Registry registry,
      ObjectStore objects,
      RunCheckpoints checkpoints,
      TensorEngine engine,
      KafkaClients kafka,
      Session.Tools tools) {
    this.tasks = tasks;
    this.registry = registry;
    this.objects = objects;
    this.checkpoints = checkpoints;
    this.engine = engine;
    this.kafka = kafka;
    this.tools = tools;
  }

  /**
   * Works on a run until it is done or stopped.
   *
   * @param threads of an operation
   * @return the final progress
   * @throws RunFailedException if the run cannot go on
   * @throws AttemptAbandonedException if another attempt may get further
   * @throws LeaseLostException if the run belongs to another trainer
   */
  Outcome work(Lease lease, LeaseKeeper keeper, StopSignal signal, int threads)
      throws RunFailedException,
          AttemptAbandonedException,
          LeaseLostException,
          InterruptedException {
    Run run = lease.run();
    try {
      requireHope(run);
      checkpoints.clearLeftovers(run);
      SnapshotEntry snapshot = snapshot(run.request());
      Optional<SavedRun> saved = checkpoints.latest(run);
      TrainerState start =
          saved.isPresent()
              ? goOn(run, snapshot, saved.get().state(), threads)
              : begin(run, snapshot, threads);
      ProgressMeter meter =
          new ProgressMeter(
              run.request().steps(),
              start,
              checkpoints.count(run),
              saved.map(SavedRun::version).orElse(0));
      long published;
      try (TrainingTask<?, ?> task =
          open(tasks.require(run.request().task()), run.request(), saved)) {
        meter.figures(task.figures());
        published = learn(lease, snapshot, task, meter, start, saved.isPresent(), keeper, signal);
      }
      return new Outcome(meter.report(), published == run.request().steps());
    } catch (StreamException e) {
      throw new RunFailedException(String.valueOf(e.getMessage()), e);
    } catch (PrefetchException e) {
      throw new AttemptAbandonedException(String.valueOf(e.getMessage()), e);
    } catch (MillraceException e) {
      if (e.code() == ErrorCode.UNAVAILABLE) {
        throw new AttemptAbandonedException(e.getMessage(), e);
      }
      throw new RunFailedException(e.getMessage(), e);
    } catch (FileSystemException e) {
      // The file system's trouble, not that of what is in the files.
      throw new AttemptAbandonedException("files of the run: " + e, e);
    } catch (IOException e) {
      throw new RunFailedException("files of the run: " + e, e);
    }
  }

  /** The step of the last checkpoint, -1: there is none. */
  private <R, B> long learn(
      Lease lease,
      SnapshotEntry snapshot,
      TrainingTask<R, B> task,
      ProgressMeter meter,
      TrainerState start,
      boolean saved,
      LeaseKeeper keeper,
      StopSignal signal)
      throws RunFailedException,
          AttemptAbandonedException,
          LeaseLostException,
          InterruptedException {
    try (BatchSource<B> source =
        new KafkaBatchSource<>(
            kafka,
            snapshot.dataset(),
            snapshot.train(),
            start.position(),
            task.format(),
            lease.run().request().batchSize(),
            // While a step takes what it needs, the next one's batches are read.
            tools.properties().stream().prefetchBatches() + task.batches() - 1,
            tools.properties().stream().prefetchSize())) {
      return new Session<>(
              lease,
              snapshot,
              task,
              source,
              meter,
              start,
              saved ? start.step() : -1,
              keeper,
              signal,
              tools)
          .run();
    }
  }

  private void requireHope(Run run) throws RunFailedException {
    int most = tools.properties().maxStalledAttempts();
    if (run.stalledAttempts() >= most) {
      throw new RunFailedException(
          "gave up: %d attempts in a row ended without a checkpoint; %s"
              .formatted(
                  run.stalledAttempts(),
                  run.error().isEmpty()
                      ? "they gave no reason"
                      : "the last reason: " + run.error()));
    }
  }

  private SnapshotEntry snapshot(RunRequest request) throws RunFailedException {
    return registry
        .snapshot(request.dataset(), request.snapshot())
        .orElseThrow(() ->
            new RunFailedException(
                "snapshot '%s/%d' does not exist any more"
                    .formatted(request.dataset(), request.snapshot())));
  }

  private TrainerState begin(Run run, SnapshotEntry snapshot, int threads) {
    return new TrainerState(
        TrainerState.FORMAT,
        run.id(),
        snapshot.dataset(),
        snapshot.version(),
        snapshot.sha256(),
        /* step= */ 0,
        StreamPosition.start(snapshot.train()),
        /* firstLoss= */ 0,
        /* lastLoss= */ 0,
        /* items= */ 0,
        /* trainSeconds= */ 0,
        /* waitSeconds= */ 0,
        engine.device().toString(),
        threads,
        Map.of());
  }

  private TrainerState goOn(Run run, SnapshotEntry snapshot, TrainerState state, int threads)
      throws RunFailedException {
    if (!state.snapshotSha256().equals(snapshot.sha256())) {
      throw new RunFailedException(
          "snapshot '%s/%d' is not the one that the run began with"
              .formatted(snapshot.dataset(), snapshot.version()));
    }
    String device = engine.device().toString();
    if (state.threads() != threads || !state.device().equals(device)) {
      LOG.warn(
          "run {} began on {} with {} threads and goes on on {} with {}: sums may round otherwise",
          run.id(),
          state.device(),
          state.threads(),
          device,
          threads);
    }
    LOG.info("run {} goes on after step {}", run.id(), state.step());
    return new TrainerState(
        state.format(),
        state.runId(),
        state.dataset(),
        state.snapshot(),
        state.snapshotSha256(),
        state.step(),
        state.position(),
        state.firstLoss(),
        state.lastLoss(),
        state.items(),
        state.trainSeconds(),
        state.waitSeconds(),
        device,
        threads,
        state.metrics());
  }

  private <O extends Record> TrainingTask<?, ?> open(
      Task<O> task, RunRequest request, Optional<SavedRun> saved) throws IOException {
    DatasetEntry dataset = registry.requireDataset(request.dataset());
    O options = tasks.options(task, request.options());
    return task.open(
        new TaskContext<>(engine, dataset, options, objects), start(task, request, saved));
  }

  private Start start(Task<?> task, RunRequest request, Optional<SavedRun> saved)
      throws IOException {
    if (saved.isPresent()) {
      return new Start.Resumed(saved.get().directory());
    }
    ModelRef from = request.from();
    return from == null
        ? new Start.Fresh(task.preset(request.preset()), request.seed())
        : new Start.From(checkpoints.folder(from), request.seed());
  }

  /**
   * How an attempt ended.
   *
   * @param progress the final one
   * @param done whether all steps are learned and published
   */
  record Outcome(io.millrace.training.run.Progress progress, boolean done) {}
}
