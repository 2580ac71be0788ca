package io.millrace.training.task;

import io.millrace.platform.error.MillraceException;
import io.millrace.training.TrainingProperties;
import java.util.List;
import org.springframework.stereotype.Component;

/** The tasks there are. */
@Component
public class TaskCatalog {
  private final List<Task> tasks;

  TaskCatalog(List<Task> tasks, TrainingProperties properties) {
    this.tasks = List.copyOf(tasks);
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
  public Task require(String name) {
    return tasks.stream()
        .filter(task -> task.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            MillraceException.invalid(
                "task", "there is no task '%s'; there are %s".formatted(name, names())));
  }

  /** The names of all tasks' rows of figures. */
  public List<String> series() {
    return tasks.stream().flatMap(task -> task.series().stream()).distinct().sorted().toList();
  }

  private String names() {
    return String.join(", ", tasks.stream().map(Task::name).sorted().toList());
  }
}
