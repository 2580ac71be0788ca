package io.millrace.training.run;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The life of a run as a table.
 *
 * <pre>{@code
 *                  CLAIM                     COMPLETE
 * ──► QUEUED ───────────────► RUNNING ──────────────────► SUCCEEDED
 *       │  ▲                  │ │ │ ▲ │
 *       │  └──────────────────┘ │ │ │ │ FAIL
 *       │         YIELD         │ │ │ └─────────────────► FAILED
 *       │                       │ └─┘
 *       │                       │ TAKE_OVER, REQUEST_CANCEL
 *       │ REQUEST_CANCEL        │ STOP
 *       └───────────────────────┴───────────────────────► CANCELLED
 *
 *            REQUEST_PAUSE            PAUSE
 * QUEUED ───────────────────► PAUSED ◄─────── RUNNING ◄─┐ REQUEST_PAUSE,
 *    ▲                          │ │                └────┘ RESUME
 *    └──────────────────────────┘ └─────────► CANCELLED
 *               RESUME           REQUEST_CANCEL
 * }</pre>
 *
 * <ul>
 *   <li>{@link RunState#QUEUED}: {@link RunEvent#CLAIM}, {@link RunEvent#REQUEST_CANCEL}, {@link
 *       RunEvent#REQUEST_PAUSE}
 *   <li>{@link RunState#RUNNING}: {@link RunEvent#TAKE_OVER}, {@link RunEvent#REQUEST_CANCEL} (it
 *       stays until the trainer has stopped), {@link RunEvent#YIELD}, {@link RunEvent#COMPLETE},
 *       {@link RunEvent#FAIL}, {@link RunEvent#STOP}, {@link RunEvent#REQUEST_PAUSE} (it stays,
 *       too), {@link RunEvent#PAUSE}, {@link RunEvent#RESUME} (which takes the request back)
 *   <li>{@link RunState#PAUSED}: {@link RunEvent#RESUME}, {@link RunEvent#REQUEST_CANCEL}
 *   <li>{@link RunState#SUCCEEDED}, {@link RunState#FAILED}, {@link RunState#CANCELLED}: nothing
 * </ul>
 */
public final class RunLifecycle {

  /** All there are. */
  static final List<Transition> TRANSITIONS =
      List.of(
          new Transition(RunState.QUEUED, RunEvent.CLAIM, RunState.RUNNING),
          new Transition(RunState.QUEUED, RunEvent.REQUEST_CANCEL, RunState.CANCELLED),
          new Transition(RunState.RUNNING, RunEvent.TAKE_OVER, RunState.RUNNING),
          new Transition(RunState.RUNNING, RunEvent.REQUEST_CANCEL, RunState.RUNNING),
          new Transition(RunState.RUNNING, RunEvent.YIELD, RunState.QUEUED),
          new Transition(RunState.RUNNING, RunEvent.COMPLETE, RunState.SUCCEEDED),
          new Transition(RunState.RUNNING, RunEvent.FAIL, RunState.FAILED),
          new Transition(RunState.RUNNING, RunEvent.STOP, RunState.CANCELLED),
          new Transition(RunState.QUEUED, RunEvent.REQUEST_PAUSE, RunState.PAUSED),
          new Transition(RunState.RUNNING, RunEvent.REQUEST_PAUSE, RunState.RUNNING),
          new Transition(RunState.RUNNING, RunEvent.PAUSE, RunState.PAUSED),
          new Transition(RunState.RUNNING, RunEvent.RESUME, RunState.RUNNING),
          new Transition(RunState.PAUSED, RunEvent.RESUME, RunState.QUEUED),
          new Transition(RunState.PAUSED, RunEvent.REQUEST_CANCEL, RunState.CANCELLED));

  private RunLifecycle() {}

  /** The state after an event; none if the event cannot happen in that state. */
  public static Optional<RunState> next(RunState state, RunEvent event) {
    return TRANSITIONS.stream()
        .filter(transition -> transition.from == state && transition.event == event)
        .map(Transition::to)
        .findFirst();
  }

  /** Names of the states that are not final, for SQL. */
  public static String[] unfinished() {
    return Arrays.stream(RunState.values())
        .filter(state -> !state.isFinal())
        .map(RunState::name)
        .toArray(String[]::new);
  }

  /** Names of the states in which an event can happen, for SQL. */
  public static String[] statesOf(RunEvent event) {
    return TRANSITIONS.stream()
        .filter(transition -> transition.event == event)
        .map(transition -> transition.from.name())
        .toArray(String[]::new);
  }

  /** One line of the table. */
  record Transition(RunState from, RunEvent event, RunState to) {}
}
