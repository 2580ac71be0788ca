package io.millrace.training.task;

import io.millrace.platform.error.MillraceException;
import io.millrace.training.TrainingProperties;
import java.util.List;
import org.springframework.stereotype.Component;

/** The tasks there are. */
@Component
public class TaskCatalog {
  private final List<TaskFactory> tasks;

  TaskCatalog(List<TaskFactory> tasks, TrainingProperties properties) {
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
  public TaskFactory require(String name) {
    return tasks.stream()
        .filter(task -> task.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            MillraceException.invalid(
                "task", "there is no task '%s'; there are %s".formatted(name, names())));
  }

  private String names() {
    return String.join(", ", tasks.stream().map(TaskFactory::name).sorted().toList());
  }
}
