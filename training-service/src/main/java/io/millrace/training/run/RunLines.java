package io.millrace.training.run;

import io.millrace.training.task.TaskCatalog;
import java.time.Clock;
import java.util.function.Function;
import org.springframework.stereotype.Component;

/** Shows runs to people, a line each. */
@Component
class RunLines {
  private final RunService runs;
  private final TaskCatalog tasks;
  private final Clock clock;

  RunLines(RunService runs, TaskCatalog tasks, Clock clock) {
    this.runs = runs;
    this.tasks = tasks;
    this.clock = clock;
  }

  /** The lines of a run of a task, for one who follows it. */
  Function<Run, String> of(String task) {
    String items = tasks.require(task).items();
    return new RunStory(run -> RunLine.of(run, runs.waiting(run), items, clock), clock);
  }
}
