package io.millrace.training.trainer;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.registry.SnapshotEntry;
import io.millrace.platform.trace.TracedSpan;
import io.millrace.platform.trace.Traces;
import io.millrace.tensor.optimizer.LearningRateSchedule;
import io.millrace.tensor.optimizer.NonFiniteGradientException;
import io.millrace.training.TrainingMetric;
import io.millrace.training.TrainingProperties;
import io.millrace.training.checkpoint.CheckpointPublisher;
import io.millrace.training.checkpoint.TrainerState;
import io.millrace.training.checkpoint.TrainerState.Origin;
import io.millrace.training.checkpoint.TrainerState.Position;
import io.millrace.training.fault.FaultPoint;
import io.millrace.training.fault.Faults;
import io.millrace.training.lease.LeaseLostException;
import io.millrace.training.run.CurvePoint;
import io.millrace.training.run.RunRequest;
import io.millrace.training.stream.Batch;
import io.millrace.training.stream.BatchSource;
import io.millrace.training.stream.HeldoutRecords;
import io.millrace.training.stream.StreamPosition;
import io.millrace.training.task.StepResult;
import io.millrace.training.task.TrainingTask;
import io.opentelemetry.api.trace.SpanKind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The loop: take a batch, learn, report, and every so often evaluate and publish. Ends when all
 * steps are learned or the signal says so. Everything that was learned is published then, unless
 * the lease is lost; what a run that is cancelled learned since its last checkpoint is dropped.
 */
final class Session<R, B> {
  private static final Duration POLL = Duration.ofMillis(200);

  private final Hold hold;
  private final RunRequest request;
  private final SnapshotEntry snapshot;
  private final TrainingTask<R, B> task;
  private final BatchSource<B> source;
  private final ProgressMeter meter;
  private final Origin origin;
  private final Tools tools;
  private final LearningRateSchedule schedule;
  private StreamPosition position;
  private long savedStep;
  private TrainingTask.@Nullable Evaluation<B> evaluation;
  private long lastReport = System.nanoTime();

  /** What every session of a trainer uses. */
  record Tools(
      KafkaClients kafka,
      CheckpointPublisher publisher,
      Faults faults,
      MeterRegistry metrics,
      Traces traces,
      CheckpointAges ages,
      TrainingProperties properties) {}

  /** A session that begins where a run was opened. */
  Session(
      Hold hold,
      SnapshotEntry snapshot,
      OpenedRun<R, B> opened,
      BatchSource<B> source,
      ProgressMeter meter,
      Tools tools) {
    this.hold = hold;
    this.request = hold.lease().run().request();
    this.snapshot = snapshot;
    this.task = opened.task();
    this.source = source;
    this.meter = meter;
    this.origin = opened.start().origin();
    this.position = opened.start().position().stream();
    this.savedStep = opened.savedStep();
    this.tools = tools;
    this.schedule = Schedules.of(request, tools.properties().schedule());
  }

  /**
   * Runs to the end or to the signal.
   *
   * @return the step of the last checkpoint, -1: there is none
   * @throws RunFailedException if the run cannot continue
   * @throws AttemptAbandonedException if a checkpoint cannot be saved
   * @throws LeaseLostException if the run belongs to another trainer
   */
  long run()
      throws RunFailedException,
          AttemptAbandonedException,
          LeaseLostException,
          InterruptedException {
    // Whoever follows the run hears at once that it is not where the attempt before had come to.
    report();
    if (request.checkpointAtStart() && savedStep < 0 && !hold.signal().isStopped()) {
      evaluate(tools.properties().evaluation().recordsAtCheckpoint());
      checkpoint();
    }
    while (meter.step() < request.steps() && !hold.signal().isStopped()) {
      if (learn()) {
        afterStep();
      }
    }
    if (meter.step() > Math.max(0, savedStep)) {
      checkpoint();
    }
    return savedStep;
  }

  private boolean learn() throws RunFailedException, InterruptedException {
    long began = System.nanoTime();
    long waitedBefore = source.waitedNanos();
    List<Batch<B>> batches = nextBatches();
    if (batches.size() < task.batches()) {
      return false;
    }
    long waited = source.waitedNanos() - waitedBefore;
    tools.faults().reach(FaultPoint.BATCH_TAKEN);
    double rate = schedule.at(meter.step());
    StepResult result = step(batches.stream().map(Batch::content).toList(), rate);
    evaluation = null;
    position = batches.getLast().after();
    long items = batches.stream().mapToLong(batch -> task.items(batch.content())).sum();
    long nanos = System.nanoTime() - began;
    meter.learned(result, items, nanos, waited);
    hold.curve().add(new CurvePoint(meter.step(), result.loss(), rate));
    count(items, nanos, waited);
    tools.faults().reach(FaultPoint.STEP_LEARNED);
    return true;
  }

  /** The batches of a step; fewer if the signal came, which are then read again by another. */
  private List<Batch<B>> nextBatches() throws InterruptedException {
    List<Batch<B>> batches = new ArrayList<>();
    while (batches.size() < task.batches() && !hold.signal().isStopped()) {
      Batch<B> batch = source.poll(POLL);
      if (batch != null) {
        batches.add(batch);
      }
    }
    return batches;
  }

  private StepResult step(List<B> batches, double rate) throws RunFailedException {
    StepResult result;
    try {
      result = task.step(batches, rate);
    } catch (NonFiniteGradientException e) {
      throw diverged("the gradients are not finite", e);
    }
    if (!Double.isFinite(result.loss())) {
      throw diverged("the loss is " + result.loss(), null);
    }
    return result;
  }

  private RunFailedException diverged(String what, @Nullable Throwable cause) {
    String message =
        "step %d: %s; the last checkpoint is of step %d; try a lower learning_rate than %s"
            .formatted(meter.step() + 1, what, Math.max(0, savedStep), request.learningRate());
    return cause == null ? new RunFailedException(message) : new RunFailedException(message, cause);
  }

  private void afterStep()
      throws AttemptAbandonedException, LeaseLostException, InterruptedException {
    boolean last = meter.step() == request.steps();
    long every = request.checkpointEvery();
    if (last || (every > 0 && meter.step() % every == 0)) {
      TrainingProperties.Evaluation limits = tools.properties().evaluation();
      evaluate(last ? limits.recordsAtEnd() : limits.recordsAtCheckpoint());
      checkpoint();
    } else if (System.nanoTime() - lastReport >= tools.properties().progress().period().toNanos()) {
      report();
    }
  }

  private void evaluate(int records) {
    Timer.Sample timer = Timer.start(tools.metrics());
    TrainingTask.Evaluation<B> begun = task.evaluate();
    HeldoutRecords.read(
        tools.kafka(),
        request.dataset(),
        snapshot.heldout(),
        task.format(),
        request.batchSize(),
        records,
        hold.signal()::isStopped,
        begun::add);
    // A stop leaves some records out, and figures of other records do not compare.
    if (!hold.signal().isStopped()) {
      meter.figures(begun.figures());
      evaluation = begun;
    }
    timer.stop(timer(TrainingMetric.EVALUATION));
  }

  private void checkpoint()
      throws AttemptAbandonedException, LeaseLostException, InterruptedException {
    if (!mayPublish()) {
      return;
    }
    Timer.Sample timer = Timer.start(tools.metrics());
    TrainerState state =
        new TrainerState(origin, new Position(meter.step(), position), meter.measured());
    try (TracedSpan span = tools.traces().begin("publish checkpoint", SpanKind.PRODUCER, null)) {
      span.tag("millrace.model", request.model()).tag("millrace.step", meter.step());
      Optional<ModelVersion> published = tools.publisher().publish(hold.lease(), this::save, state);
      if (published.isEmpty()) {
        hold.signal().stop(StopSignal.Reason.CANCEL);
        return;
      }
      meter.published(published.get().version());
    } catch (IOException e) {
      // A disk that is full may have room again for the next attempt.
      throw new AttemptAbandonedException("cannot save step " + meter.step() + ": " + e, e);
    }
    savedStep = meter.step();
    tools.ages().saved(hold.lease());
    timer.stop(timer(TrainingMetric.CHECKPOINT));
    report();
  }

  /** The model, and its evaluation if this very step was evaluated. */
  private void save(Path directory) throws IOException {
    task.save(directory);
    if (evaluation != null) {
      evaluation.write(directory);
    }
  }

  private boolean mayPublish() {
    return switch (hold.signal().reason()) {
      case NONE, SHUTDOWN, PAUSE -> true;
      case CANCEL, DATASET_DELETED, LEASE_LOST -> false;
    };
  }

  private void report() {
    hold.keeper().report(meter.report());
    lastReport = System.nanoTime();
  }

  private void count(long items, long nanos, long waited) {
    timer(TrainingMetric.STEP).record(Duration.ofNanos(nanos - waited));
    timer(TrainingMetric.DATA_WAIT).record(Duration.ofNanos(waited));
    TrainingMetric.ITEMS.counter(tools.metrics(), request.task()).increment(items);
  }

  private Timer timer(TrainingMetric metric) {
    return metric.timer(tools.metrics(), request.task());
  }
}
