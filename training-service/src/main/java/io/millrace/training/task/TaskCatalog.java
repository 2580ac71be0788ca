package io.millrace.training.task;

import io.millrace.platform.error.MillraceException;
import io.millrace.training.TrainingProperties;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** The tasks there are. */
@Component
public class TaskCatalog {
  private final List<Task<?>> tasks;
  private final TaskOptions options;

  TaskCatalog(List<Task<?>> tasks, TrainingProperties properties, JsonMapper json) {
    this.tasks = List.copyOf(tasks);
    this.options = new TaskOptions(this.tasks, json);
    properties
        .presets()
        .forEach((name, preset) -> {
          if (tasks.stream().noneMatch(task -> task.name().equals(preset.task()))) {
            throw new IllegalStateException(
                "millrace.training.presets.%s: there is no task '%s'; there are %s"
                    .formatted(name, preset.task(), names()));
          }
        });
  }

  /**
   * The task of that name.
   *
   * @throws MillraceException INVALID_ARGUMENT naming those there are
   */
  public Task<?> require(String name) {
    return tasks.stream()
        .filter(task -> task.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            MillraceException.invalid(
                "task", "there is no task '%s'; there are %s".formatted(name, names())));
  }

  /**
   * A run's options, complete: those that are missing are the task's standard ones.
   *
   * @param given by name, as clients write them
   * @throws MillraceException INVALID_ARGUMENT naming one that the task does not have or that has
   *     no such value
   */
  public <O extends Record> O options(Task<O> task, Map<String, ?> given) {
    return options.read(task, given);
  }

  /**
   * Checks that some task has options of these names.
   *
   * @param asked name of the task whose options a message tells, if there is one
   * @throws MillraceException INVALID_ARGUMENT naming an option that none has
   */
  public void requireKnown(Collection<String> names, String asked) {
    options.requireKnown(names, asked);
  }

  /** All of a run's options by name, as clients write them. */
  public Map<String, Object> byName(Record options) {
    return this.options.write(options);
  }

  /** All tasks. */
  public List<Task<?>> all() {
    return tasks;
  }

  /** The names of all tasks' rows of figures. */
  public List<String> series() {
    return tasks.stream().flatMap(task -> task.series().stream()).distinct().sorted().toList();
  }

  private String names() {
    return String.join(", ", tasks.stream().map(Task::name).sorted().toList());
  }
}
