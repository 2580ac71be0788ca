package io.millrace.training.run;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A run as lines for one who follows it: its warnings first, a line each time, and before it
 * another one where the run is behind what the last line said. For one thread.
 */
final class RunStory implements Function<Run, String> {
  private final Function<Run, String> line;
  private final Clock clock;
  private @Nullable Run before;

  /**
   * A story.
   *
   * @param line the run as it is
   */
  RunStory(Function<Run, String> line, Clock clock) {
    this.line = line;
    this.clock = clock;
  }

  /** What there is to tell, without an end. */
  @Override
  public String apply(Run run) {
    List<String> lines = new ArrayList<>();
    Run last = before;
    if (last == null) {
      run.warnings().forEach(warning -> lines.add(RunLine.at(clock, "warning: " + warning)));
    } else if (run.progress().step() < last.progress().step()) {
      lines.add(RunLine.at(clock, back(run, last)));
    }
    lines.add(line.apply(run));
    before = run;
    return String.join("\n", lines);
  }

  private static String back(Run run, Run last) {
    Progress progress = run.progress();
    return "resumed: attempt %d is at step %d again, the one before had come to step %d; %s"
        .formatted(
            run.attempts(),
            progress.step(),
            last.progress().step(),
            progress.latestVersion() == 0
                ? "there was no checkpoint, so it began from the start"
                : "it began from version %d, the last checkpoint"
                    .formatted(progress.latestVersion()));
  }
}
