package io.millrace.training.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunStoryTest {
  private final RunStory story =
      new RunStory(
          run -> "step " + run.progress().step(), Clock.fixed(RunsInTests.CREATED, ZoneOffset.UTC));

  @Test
  void saysThatARunBeganFromTheStartAgain() {
    story.apply(RunsInTests.attempt(1, at(120, 0)));

    assertThat(story.apply(RunsInTests.attempt(2, at(1, 0))).lines())
        .containsExactly(
            "2026-11-27T03:00:00Z resumed: attempt 2 is at step 1 again, the one before had come to"
                + " step 120; there was no checkpoint, so it began from the start",
            "step 1");
    assertThat(story.apply(RunsInTests.attempt(2, at(2, 0)))).isEqualTo("step 2");
  }

  @Test
  void saysWhichCheckpointARunBeganFrom() {
    story.apply(RunsInTests.attempt(1, at(120, 3)));

    assertThat(story.apply(RunsInTests.attempt(2, at(101, 3))).lines().findFirst().orElseThrow())
        .endsWith("it began from version 3, the last checkpoint");
  }

  @Test
  void saysNothingMoreWhileARunGetsOn() {
    assertThat(story.apply(RunsInTests.attempt(1, at(5, 0)))).isEqualTo("step 5");
    assertThat(story.apply(RunsInTests.attempt(1, at(5, 0)))).isEqualTo("step 5");
    assertThat(story.apply(RunsInTests.attempt(2, at(6, 0)))).isEqualTo("step 6");
  }

  @Test
  void warnsOnce() {
    Run run = RunsInTests.warned(List.of("3 of 4 were\nrejected", "and more"), at(1, 0));

    assertThat(story.apply(run).lines())
        .containsExactly(
            "2026-11-27T03:00:00Z warning: 3 of 4 were rejected",
            "2026-11-27T03:00:00Z warning: and more",
            "step 1");
    assertThat(story.apply(run)).isEqualTo("step 1");
  }

  private static Progress at(long step, int version) {
    return new Progress(step, 4, 5, 9, 9, 0, 60, version, version, Map.of(), Map.of());
  }
}
