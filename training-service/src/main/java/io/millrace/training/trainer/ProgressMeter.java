package io.millrace.training.trainer;

import io.millrace.training.checkpoint.TrainerState;
import io.millrace.training.checkpoint.TrainerState.Meter;
import io.millrace.training.run.Progress;
import io.millrace.training.task.StepResult;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures a run over all its attempts. Time is that of steps, waiting for data included,
 * evaluations and checkpoints left out. For one thread.
 */
final class ProgressMeter {
  private static final double NANOS = 1e9;

  private final long steps;
  private final Map<String, Double> metrics = new HashMap<>();
  private long step;
  private long items;
  private double firstLoss;
  private double lastLoss;
  private double trainSeconds;
  private double waitSeconds;
  private int checkpoints;
  private int latestVersion;
  private Map<String, List<Double>> series = Map.of();
  private long windowItems;
  private double windowSeconds;
  private double rate;

  /** Begins, or resumes from a checkpoint. */
  ProgressMeter(long steps, TrainerState state, int checkpoints, int latestVersion) {
    this.steps = steps;
    this.step = state.position().step();
    Meter before = state.meter();
    this.items = before.items();
    this.firstLoss = before.firstLoss();
    this.lastLoss = before.lastLoss();
    this.trainSeconds = before.trainSeconds();
    this.waitSeconds = before.waitSeconds();
    this.metrics.putAll(before.metrics());
    this.checkpoints = checkpoints;
    this.latestVersion = latestVersion;
  }

  /** A step was learned. */
  void learned(StepResult result, long batchItems, long nanos, long waitedNanos) {
    if (step == 0) {
      firstLoss = result.loss();
    }
    step++;
    lastLoss = result.loss();
    metrics.putAll(result.figures());
    series = result.series();
    items += batchItems;
    trainSeconds += nanos / NANOS;
    waitSeconds += waitedNanos / NANOS;
    windowItems += batchItems;
    windowSeconds += nanos / NANOS;
  }

  /** Figures replace those of the same name. */
  void figures(Map<String, Double> figures) {
    metrics.putAll(figures);
  }

  void published(int version) {
    checkpoints++;
    latestVersion = version;
  }

  long step() {
    return step;
  }

  double lastLoss() {
    return lastLoss;
  }

  /** How far the run is, and the beginning of the next reporting window. */
  Progress report() {
    if (windowSeconds > 0) {
      rate = windowItems / windowSeconds;
      windowItems = 0;
      windowSeconds = 0;
    }
    double left = step == 0 ? 0 : trainSeconds / step * (steps - step);
    return new Progress(
        step,
        lastLoss,
        firstLoss,
        rate,
        trainSeconds == 0 ? 0 : items / trainSeconds,
        trainSeconds == 0 ? 0 : waitSeconds / trainSeconds,
        left,
        checkpoints,
        latestVersion,
        series,
        metrics);
  }

  /** What a checkpoint has to keep. */
  Meter measured() {
    return new Meter(firstLoss, lastLoss, items, trainSeconds, waitSeconds, metrics);
  }
}
