package io.millrace.training.task;

import java.nio.file.Path;

/** How a training begins. */
public sealed interface Start {

  /**
   * With weights that depend on the seed alone.
   *
   * @param preset of the model
   */
  record Fresh(Preset preset, long seed) implements Start {}

  /**
   * Where it was left, bit for bit.
   *
   * @param folder that {@link TrainingTask#save} wrote
   */
  record Resumed(Path folder) implements Start {}

  /**
   * With the weights of a published model, which may have been learned elsewhere; the optimizer
   * begins afresh.
   *
   * @param model its folder
   * @param seed of what else is left to chance
   */
  record From(Path model, long seed) implements Start {}
}
