package io.millrace.training.task;

import io.millrace.platform.error.MillraceException;
import java.util.List;
import org.springframework.stereotype.Component;

/** The tasks there are. */
@Component
public class TaskCatalog {
  private final List<TaskFactory> tasks;

  TaskCatalog(List<TaskFactory> tasks) {
    this.tasks = List.copyOf(tasks);
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
                "task",
                "there is no task '%s'; there are %s"
                    .formatted(
                        name,
                        String.join(
                            ", ", tasks.stream().map(TaskFactory::name).sorted().toList()))));
  }
}
