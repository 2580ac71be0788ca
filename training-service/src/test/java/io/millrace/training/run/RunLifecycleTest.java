package io.millrace.training.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.training.run.RunLifecycle.Transition;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Every pair of a state and an event, against the drawing in {@link RunLifecycle}. */
class RunLifecycleTest {

  @ParameterizedTest
  @CsvSource({
    "QUEUED, CLAIM, RUNNING",
    "QUEUED, REQUEST_CANCEL, CANCELLED",
    "RUNNING, TAKE_OVER, RUNNING",
    "RUNNING, REQUEST_CANCEL, RUNNING",
    "RUNNING, YIELD, QUEUED",
    "RUNNING, COMPLETE, SUCCEEDED",
    "RUNNING, FAIL, FAILED",
    "RUNNING, STOP, CANCELLED",
    "QUEUED, REQUEST_PAUSE, PAUSED",
    "RUNNING, REQUEST_PAUSE, RUNNING",
    "RUNNING, PAUSE, PAUSED",
    "RUNNING, RESUME, RUNNING",
    "PAUSED, RESUME, QUEUED",
    "PAUSED, REQUEST_CANCEL, CANCELLED"
  })
  void goesWhereTheDrawingSays(RunState from, RunEvent event, RunState to) {
    assertThat(RunLifecycle.next(from, event)).contains(to);
  }

  @Test
  void hasOneLineForAStateAndAnEvent() {
    Set<String> pairs = new HashSet<>();
    for (Transition transition : RunLifecycle.TRANSITIONS) {
      assertThat(pairs.add(transition.from() + " " + transition.event())).isTrue();
    }
    assertThat(pairs).hasSize(14);
  }

  @ParameterizedTest
  @EnumSource(RunEvent.class)
  void leavesFinalStatesAlone(RunEvent event) {
    for (RunState state : RunState.values()) {
      if (state.isFinal()) {
        assertThat(RunLifecycle.next(state, event)).isEmpty();
      }
    }
  }

  @Test
  void refusesWhatNeedsATrainerOfARunThatWaits() {
    for (RunEvent event :
        EnumSet.of(
            RunEvent.TAKE_OVER, RunEvent.YIELD, RunEvent.COMPLETE, RunEvent.FAIL, RunEvent.STOP)) {
      assertThat(RunLifecycle.next(RunState.QUEUED, event)).isEmpty();
    }
    assertThat(RunLifecycle.next(RunState.RUNNING, RunEvent.CLAIM)).isEmpty();
  }

  @Test
  void reachesEveryStateFromQueued() {
    Set<RunState> reached = EnumSet.of(RunState.QUEUED);
    for (int i = 0; i < RunState.values().length; i++) {
      for (Transition transition : RunLifecycle.TRANSITIONS) {
        if (reached.contains(transition.from())) {
          reached.add(transition.to());
        }
      }
    }
    assertThat(reached).containsExactlyInAnyOrder(RunState.values());
  }

  /** What the lease's SQL asks for comes from the table. */
  @Test
  void namesTheStatesInWhichAnEventCanHappen() {
    for (RunEvent event : RunEvent.values()) {
      for (RunState state : RunState.values()) {
        assertThat(java.util.List.of(RunLifecycle.statesOf(event)).contains(state.name()))
            .isEqualTo(RunLifecycle.next(state, event).isPresent());
      }
    }
  }
}
