package io.millrace.benchmarks.experiment;

import io.millrace.language.config.LanguageConfig;
import io.millrace.language.train.LanguageTrainingSettings;
import io.millrace.tensor.optimizer.LearningRateSchedule;

/**
 * All that decides how a model comes out, but the seed.
 *
 * @param rows sequences of a step
 * @param block targets of a sequence
 */
record Recipe(
    Corpus corpus,
    LanguageConfig config,
    LanguageTrainingSettings settings,
    LearningRateSchedule schedule,
    int steps,
    int rows,
    int block) {

  /** The same model trained otherwise. */
  Recipe with(LanguageTrainingSettings other) {
    return new Recipe(corpus, config, other, schedule, steps, rows, block);
  }

  /** Another model trained the same way. */
  Recipe with(LanguageConfig other) {
    return new Recipe(corpus, other, settings, schedule, steps, rows, block);
  }

  /** The same on another text. */
  Recipe with(Corpus other) {
    return new Recipe(other, config, settings, schedule, steps, rows, block);
  }

  /** Targets seen in all. */
  long tokens() {
    return (long) steps * rows * block;
  }
}
