package io.millrace.training.run;

import io.millrace.training.task.TaskCatalog;
import java.util.List;
import org.springframework.stereotype.Component;

/** Shows runs to REST clients. */
@Component
class RunViews {
  private final RunService runs;
  private final List<String> series;

  RunViews(RunService runs, TaskCatalog tasks) {
    this.runs = runs;
    this.series = tasks.series();
  }

  RunView of(Run run) {
    return RunView.of(run, runs.waiting(run), series);
  }
}
