package io.millrace.training.task;

import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.DatasetEntry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A kind of task: which presets and datasets it takes, and how it begins or goes on. */
public interface Task {

  /** As clients spell it, e.g. {@code language}. */
  String name();

  /** Names of the rows of figures that its steps report; see {@link StepResult#series}. */
  List<String> series();

  /** The built-in presets and the installation's own. */
  List<Preset> presets();

  /**
   * Checks that models of that preset can learn from a dataset.
   *
   * @throws MillraceException FAILED_PRECONDITION saying what is missing or does not fit
   */
  void requireSuitable(Preset preset, DatasetEntry dataset);

  /**
   * Checks that the task has these options for models of that preset.
   *
   * @throws MillraceException INVALID_ARGUMENT naming one that it has not
   */
  void requireSuitable(Preset preset, TaskOptions options);

  /**
   * Begins with fresh weights, which depend on the seed alone.
   *
   * @throws MillraceException as {@link #requireSuitable(Preset, DatasetEntry)}
   * @throws IOException if a file that the task needs cannot be read
   */
  TrainingTask<?, ?> create(TaskContext context, long seed) throws IOException;

  /**
   * Goes on from what {@link TrainingTask#save} wrote, bit for bit.
   *
   * @throws IOException if a file is missing or damaged
   */
  TrainingTask<?, ?> restore(TaskContext context, Path directory) throws IOException;

  /**
   * The preset of that name.
   *
   * @throws MillraceException INVALID_ARGUMENT naming those there are
   */
  default Preset preset(String name) {
    return presets().stream()
        .filter(preset -> preset.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            MillraceException.invalid(
                "preset",
                "task %s has no preset '%s'; there are %s"
                    .formatted(
                        name(),
                        name,
                        String.join(", ", presets().stream().map(Preset::name).toList()))));
  }
}
