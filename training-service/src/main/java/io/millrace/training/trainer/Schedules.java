package io.millrace.training.trainer;

import io.millrace.tensor.optimizer.LearningRateSchedule;
import io.millrace.training.TrainingProperties;
import io.millrace.training.run.RunRequest;

/** The schedule that a run asked for, over its steps. */
final class Schedules {
  private Schedules() {}

  static LearningRateSchedule of(RunRequest request, TrainingProperties.Schedule settings) {
    double peak = request.learningRate();
    double floor = peak * settings.floorShare();
    long steps = request.steps();
    long warmup =
        Math.min(
            steps,
            Math.min(settings.warmupMostSteps(), Math.round(steps * settings.warmupShare())));
    return switch (request.schedule()) {
      case CONSTANT -> new LearningRateSchedule.Constant(peak);
      case COSINE -> new LearningRateSchedule.WarmupCosine(peak, floor, warmup, steps);
      case WARMUP_STABLE_DECAY ->
          new LearningRateSchedule.WarmupStableDecay(
              peak,
              floor,
              warmup,
              Math.min(Math.round(steps * settings.decayShare()), steps - warmup),
              steps);
      case DEEPSEEK_V3 -> LearningRateSchedule.DeepSeekV3.of(peak, warmup, steps);
    };
  }
}
