package io.millrace.training.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunLineTest {
  private static final Instant CREATED = Instant.parse("2026-11-27T03:00:00Z");
  private static final Clock CLOCK = Clock.fixed(CREATED.plusMillis(5_250), ZoneOffset.UTC);

  @Test
  void saysRateAndTimeLeft() {
    assertThat(
            line(
                run(
                    RunState.RUNNING,
                    new Progress(120, 3.21456, 5, 12_345.6, 0, 0, 125.4, 1, 4, Map.of(), Map.of()),
                    "",
                    false)))
        .isEqualTo(
            "2026-11-27T03:00:05Z running: step 120 of 600 (20 %), loss 3.215, 12,346 tokens/s,"
                + " 2 min 5 s left, version 4");
  }

  @Test
  void saysLittleBeforeTheFirstStep() {
    assertThat(line(run(RunState.RUNNING, Progress.NONE, "", true)))
        .endsWith("running: step 0 of 600 (0 %), to be cancelled");
  }

  @Test
  void saysWhyItWaits() {
    assertThat(
            RunLine.of(
                run(RunState.QUEUED, Progress.NONE, "", false),
                new Waiting(3, "somebody else is first"),
                "tokens",
                CLOCK))
        .endsWith("queued at place 3: somebody else is first");
  }

  @Test
  void saysHowItEndedInOneLine() {
    Progress progress = new Progress(600, 2, 5, 1, 1, 0, 0, 2, 2, Map.of(), Map.of());

    assertThat(line(run(RunState.SUCCEEDED, progress, "", false)))
        .endsWith(
            "succeeded: step 600 of 600 (100 %), loss 2.000, version 2 published, 1 h 2 min in all");
    assertThat(line(run(RunState.FAILED, Progress.NONE, "out\nof luck", false)))
        .endsWith(
            "failed: step 0 of 600 (0 %), no version published, 1 h 2 min in all: out of luck");
    assertThat(line(run(RunState.CANCELLED, progress, "", false)))
        .contains("Z cancelled: step 600");
  }

  private static String line(Run run) {
    return RunLine.of(run, null, "tokens", CLOCK);
  }

  private static Run run(RunState state, Progress progress, String error, boolean cancel) {
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
            Map.of()),
        state,
        error,
        cancel,
        progress,
        1,
        0,
        1,
        null,
        1,
        CREATED,
        state.isFinal() ? CREATED.plusSeconds(3_725) : null);
  }
}
