package io.millrace.training.trainer;

import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.Registry;
import io.millrace.platform.registry.SnapshotEntry;
import io.millrace.platform.store.Materialised;
import io.millrace.platform.store.ObjectStore;
import io.millrace.tensor.engine.DevicePool;
import io.millrace.tensor.engine.NativeMemory;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.safetensors.SafetensorsFile;
import io.millrace.training.checkpoint.RunCheckpoints;
import io.millrace.training.checkpoint.SavedRun;
import io.millrace.training.checkpoint.TrainerState;
import io.millrace.training.checkpoint.TrainerState.Meter;
import io.millrace.training.checkpoint.TrainerState.Origin;
import io.millrace.training.checkpoint.TrainerState.Position;
import io.millrace.training.lease.LeaseLostException;
import io.millrace.training.run.ModelRef;
import io.millrace.training.run.Run;
import io.millrace.training.run.RunDatasets;
import io.millrace.training.run.RunRequest;
import io.millrace.training.stream.BatchSource;
import io.millrace.training.stream.KafkaBatchSource;
import io.millrace.training.stream.PrefetchException;
import io.millrace.training.stream.StreamException;
import io.millrace.training.task.Start;
import io.millrace.training.task.Task;
import io.millrace.training.task.TaskCatalog;
import io.millrace.training.task.TaskContext;
import io.millrace.training.task.TrainingTask;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.util.Optional;
import org.apache.kafka.common.errors.RetriableException;
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
  private final RunDatasets datasets;
  private final DevicePool<TensorEngine> devices;
  private final KafkaClients kafka;
  private final Session.Tools tools;

  Attempt(
      TaskCatalog tasks,
      Registry registry,
      ObjectStore objects,
      RunCheckpoints checkpoints,
      RunDatasets datasets,
      DevicePool<TensorEngine> devices,
      KafkaClients kafka,
      Session.Tools tools) {
    this.tasks = tasks;
    this.registry = registry;
    this.objects = objects;
    this.checkpoints = checkpoints;
    this.datasets = datasets;
    this.devices = devices;
    this.kafka = kafka;
    this.tools = tools;
  }

  /**
   * Works on a run until it is done or stopped.
   *
   * @param threads of an operation
   * @return the final progress
   * @throws RunFailedException if the run cannot continue
   * @throws AttemptAbandonedException if another attempt may get further
   * @throws LeaseLostException if the run belongs to another trainer
   */
  Outcome work(Hold hold, int threads)
      throws RunFailedException,
          AttemptAbandonedException,
          LeaseLostException,
          InterruptedException {
    Run run = hold.lease().run();
    try (DevicePool<TensorEngine>.Place place = devices.take()) {
      TensorEngine engine = place.device();
      requireAttemptsLeft(run);
      requireDataset(run);
      checkpoints.clearLeftovers(run);
      SnapshotEntry snapshot = snapshot(run.request());
      Origin origin = origin(run, snapshot, engine, threads);
      OpenedRun<?, ?> opened = open(run, snapshot, origin, engine);
      try (TrainingTask<?, ?> task = opened.task()) {
        ProgressMeter meter =
            new ProgressMeter(
                run.request().steps(), opened.start(), checkpoints.count(run), opened.version());
        meter.figures(task.figures());
        long published = learn(hold, snapshot, opened, meter);
        if (hold.signal().reason() == StopSignal.Reason.DATASET_DELETED) {
          requireDataset(run);
        }
        return new Outcome(meter.report(), published == run.request().steps());
      }
    } catch (StreamException e) {
      requireDataset(run);
      throw new RunFailedException(String.valueOf(e.getMessage()), e);
    } catch (PrefetchException e) {
      throw new AttemptAbandonedException(String.valueOf(e.getMessage()), e);
    } catch (RetriableException e) {
      throw new AttemptAbandonedException("Kafka does not answer: " + kafka.reason(e), e);
    } catch (MillraceException e) {
      if (e.code() == ErrorCode.UNAVAILABLE) {
        throw new AttemptAbandonedException(e.getMessage(), e);
      }
      throw new RunFailedException(e.getMessage(), e);
    } catch (UncheckedIOException e) {
      return endedBy(SafetensorsFile.checked(e));
    } catch (IOException e) {
      return endedBy(e);
    } finally {
      // From step to step it is kept.
      NativeMemory.giveBack();
    }
  }

  private static Outcome endedBy(IOException e)
      throws RunFailedException, AttemptAbandonedException {
    String reason = "files of the run: " + e;
    if (e instanceof FileSystemException) {
      // The file system's trouble, not that of what is in the files.
      throw new AttemptAbandonedException(reason, e);
    }
    throw new RunFailedException(reason, e);
  }

  /** The step of the last checkpoint, -1: there is none. */
  private <R, B> long learn(
      Hold hold, SnapshotEntry snapshot, OpenedRun<R, B> opened, ProgressMeter meter)
      throws RunFailedException,
          AttemptAbandonedException,
          LeaseLostException,
          InterruptedException {
    try (BatchSource<B> source =
        new KafkaBatchSource<>(
            kafka,
            snapshot.dataset(),
            snapshot.train(),
            opened.start().position().stream(),
            opened.task().format(),
            hold.lease().run().request().batchSize(),
            // While a step takes what it needs, the next one's batches are read.
            tools.properties().stream().prefetchBatches() + opened.task().batches() - 1,
            tools.properties().stream().prefetchSize())) {
      return new Session<>(hold, snapshot, opened, source, meter, tools).run();
    }
  }

  private void requireAttemptsLeft(Run run) throws RunFailedException {
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

  private void requireDataset(Run run) throws RunFailedException {
    if (datasets.isGone(run.id())) {
      throw new RunFailedException(
          "dataset '%s' was deleted under the run; its last checkpoint stays"
              .formatted(run.request().dataset()));
    }
  }

  private SnapshotEntry snapshot(RunRequest request) throws RunFailedException {
    return registry
        .snapshots()
        .find(request.dataset(), request.snapshot())
        .orElseThrow(() ->
            new RunFailedException(
                "snapshot '%s/%d' does not exist any more"
                    .formatted(request.dataset(), request.snapshot())));
  }

  private static Origin origin(Run run, SnapshotEntry snapshot, TensorEngine engine, int threads) {
    return new Origin(
        run.id(),
        snapshot.dataset(),
        snapshot.version(),
        snapshot.sha256(),
        engine.device().toString(),
        threads);
  }

  /** From the last checkpoint, from a published model, or from fresh weights. */
  private OpenedRun<?, ?> open(Run run, SnapshotEntry snapshot, Origin origin, TensorEngine engine)
      throws IOException, RunFailedException {
    RunRequest request = run.request();
    Task<?> task = tasks.require(request.task());
    Optional<SavedRun> latest = checkpoints.latest(run);
    if (latest.isPresent()) {
      try (SavedRun saved = latest.get()) {
        requireSame(saved.state().origin(), origin);
        LOG.info("run {} resumes after step {}", run.id(), saved.state().position().step());
        return new OpenedRun<>(
            open(task, request, new Start.Resumed(saved.directory()), engine),
            saved.state().with(origin),
            saved.version());
      }
    }
    TrainerState beginning = new TrainerState(origin, Position.start(snapshot), Meter.ZERO);
    ModelRef from = request.from();
    if (from == null) {
      Start fresh = new Start.Fresh(task.preset(request.preset()), request.seed());
      return new OpenedRun<>(open(task, request, fresh, engine), beginning, /* version= */ 0);
    }
    try (Materialised model = checkpoints.folder(from)) {
      Start learned = new Start.From(model.directory(), request.seed());
      return new OpenedRun<>(open(task, request, learned, engine), beginning, /* version= */ 0);
    }
  }

  private <O extends Record> TrainingTask<?, ?> open(
      Task<O> task, RunRequest request, Start start, TensorEngine engine) throws IOException {
    DatasetEntry dataset = registry.requireDataset(request.dataset());
    O options = tasks.options(task, request.options());
    return task.open(new TaskContext<>(engine, dataset, options, objects, request.steps()), start);
  }

  private static void requireSame(Origin before, Origin now) throws RunFailedException {
    if (!before.snapshotSha256().equals(now.snapshotSha256())) {
      throw new RunFailedException(
          "snapshot '%s/%d' is not the one that the run began with"
              .formatted(now.dataset(), now.snapshot()));
    }
    if (before.threads() != now.threads() || !before.device().equals(now.device())) {
      LOG.warn(
          "run {} began on {} with {} threads and resumes on {} with {}: sums may round otherwise",
          now.runId(),
          before.device(),
          before.threads(),
          now.device(),
          now.threads());
    }
  }

  /**
   * How an attempt ended.
   *
   * @param progress the final one
   * @param done whether all steps are learned and published
   */
  record Outcome(io.millrace.training.run.Progress progress, boolean done) {}
}
