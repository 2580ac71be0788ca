package io.millrace.training.run;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One model learning from one dataset.
 *
 * @param id unique
 * @param request what it is to do
 * @param warnings what its snapshot warns of
 * @param state where it is in its life
 * @param error why it failed, or why its last attempt was abandoned; empty otherwise
 * @param cancelRequested whether the trainer is to stop it
 * @param pauseRequested whether the trainer is to let go of it
 * @param progress how far it is
 * @param attempts how often a trainer took it up
 * @param stalledAttempts attempts since the last checkpoint that ended without a trace
 * @param fencingToken of the newest claim, 0 before the first
 * @param owner the trainer that works on it
 * @param revision grows with every change
 * @param createdAt when it was asked for
 * @param finishedAt when it reached a final state
 * @param traceparent the trace context that it was asked for in; null: none that is recorded
 */
public record Run(
    String id,
    RunRequest request,
    List<String> warnings,
    RunState state,
    String error,
    boolean cancelRequested,
    boolean pauseRequested,
    Progress progress,
    int attempts,
    int stalledAttempts,
    long fencingToken,
    @Nullable String owner,
    long revision,
    Instant createdAt,
    @Nullable Instant finishedAt,
    @Nullable String traceparent) {

  /** Copies the warnings. */
  public Run {
    warnings = List.copyOf(warnings);
  }
}
