package io.millrace.training.task;

import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.VersionHolds;
import java.io.IOException;
import java.util.List;

/**
 * A kind of learning: what can be learned by it, from which datasets and with which options, and
 * how a run of it begins.
 *
 * @param <O> its options, of which all that is generic (API, database) knows the record's
 *     components alone: their names in snake_case are what clients write. Numbers, truth values and
 *     strings; the record's constructor checks them and throws INVALID_ARGUMENT
 */
public interface Task<O extends Record> {

  /** As clients spell it, e.g. {@code language}. */
  String name();

  /** The options of a run that asks for none. */
  O standard();

  /** What its rates count, in the plural, e.g. {@code images}. */
  String items();

  /** Names of the rows of figures that its steps report; see {@link StepResult#series}. */
  List<String> series();

  /** The built-in presets and the installation's own. */
  List<Preset> presets();

  /**
   * Checks that a fresh model of that preset can learn from a dataset with these options.
   *
   * @throws MillraceException INVALID_ARGUMENT naming an option that does not go with the preset,
   *     FAILED_PRECONDITION saying what the dataset lacks or where it does not fit
   */
  void requireSuitable(Preset preset, DatasetEntry dataset, O options);

  /**
   * Checks that a published model can learn on from a dataset with these options.
   *
   * @throws MillraceException as {@link #requireSuitable(Preset, DatasetEntry, Record)}, and
   *     FAILED_PRECONDITION if the model cannot be read
   */
  void requireSuitable(BaseModel model, DatasetEntry dataset, O options);

  /** Published versions that a run with these options reads, beside the one that it begins from. */
  default List<VersionHolds.Numbered> needed(O options) {
    return List.of();
  }

  /**
   * Checks options that depend on how long a run is.
   *
   * @param steps of the whole run
   * @throws MillraceException INVALID_ARGUMENT naming one
   */
  default void requireSteps(long steps, O options) {}

  /**
   * Begins a run, or resumes one.
   *
   * @throws MillraceException as {@link #requireSuitable(Preset, DatasetEntry, Record)}
   * @throws IOException if a file that the task needs is missing, damaged or cannot be read
   */
  TrainingTask<?, ?> open(TaskContext<O> context, Start start) throws IOException;

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
