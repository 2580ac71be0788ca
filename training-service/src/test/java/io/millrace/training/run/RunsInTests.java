package io.millrace.training.run;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Runs of 600 steps. */
final class RunsInTests {
  static final Instant CREATED = Instant.parse("2026-11-27T03:00:00Z");

  private RunsInTests() {}

  static Run run(RunState state, Progress progress, String error, boolean cancel) {
    return run(List.of(), state, progress, error, cancel, 1);
  }

  /** One that is learning. */
  static Run attempt(int attempt, Progress progress) {
    return run(List.of(), RunState.RUNNING, progress, "", false, attempt);
  }

  /** One that is learning from a snapshot with warnings. */
  static Run warned(List<String> warnings, Progress progress) {
    return run(warnings, RunState.RUNNING, progress, "", false, 1);
  }

  private static Run run(
      List<String> warnings,
      RunState state,
      Progress progress,
      String error,
      boolean cancel,
      int attempts) {
    return new Run(
        "id",
        new RunRequest(
            "m",
            "language",
            "d",
            1,
            "p",
            600,
            1,
            0.1,
            Schedule.COSINE,
            0,
            false,
            0,
            null,
            null,
            null,
            Map.of()),
        warnings,
        state,
        error,
        cancel,
        /* pauseRequested= */ false,
        progress,
        attempts,
        0,
        1,
        null,
        1,
        CREATED,
        state.isFinal() ? CREATED.plusSeconds(3_725) : null,
        null);
  }
}
