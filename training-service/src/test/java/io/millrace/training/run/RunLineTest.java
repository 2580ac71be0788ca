package io.millrace.training.run;

import static io.millrace.training.run.RunsInTests.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunLineTest {
  private static final Instant CREATED = RunsInTests.CREATED;
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
  void saysWhichAttemptItIsFromTheSecondOn() {
    assertThat(
            line(
                RunsInTests.attempt(
                    2, new Progress(1, 4, 5, 9, 9, 0, 60, 0, 0, Map.of(), Map.of()))))
        .endsWith(
            "running: attempt 2, step 1 of 600 (0 %), loss 4.000, 9 tokens/s, 1 min 0 s left");
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
}
