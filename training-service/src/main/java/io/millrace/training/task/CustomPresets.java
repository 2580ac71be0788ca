package io.millrace.training.task;

import io.millrace.training.TrainingProperties;
import java.util.List;
import java.util.stream.Stream;

/** Presets of the installation beside the built-in ones. */
public final class CustomPresets {
  private CustomPresets() {}

  /**
   * The presets of a task.
   *
   * @throws IllegalStateException if the settings give a name twice
   */
  public static List<Preset> with(
      List<Preset> builtIn, String task, TrainingProperties properties) {
    List<Preset> custom =
        properties.presets().entrySet().stream()
            .filter(entry -> entry.getValue().task().equals(task))
            .map(entry ->
                new Preset(
                    entry.getKey(),
                    entry.getValue().config(),
                    entry.getValue().batchSize(),
                    entry.getValue().learningRate()))
            .sorted(java.util.Comparator.comparing(Preset::name))
            .toList();
    for (Preset preset : custom) {
      if (builtIn.stream().anyMatch(other -> other.name().equals(preset.name()))) {
        throw new IllegalStateException(
            "millrace.training.presets.%s: task %s has a preset of that name already"
                .formatted(preset.name(), task));
      }
    }
    return Stream.concat(builtIn.stream(), custom.stream()).toList();
  }
}
