package io.millrace.training.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A run as REST clients see it.
 *
 * @param warnings what its snapshot warns of: that many of its documents were rejected, ...
 * @param waiting why it waits, while it is queued; null otherwise
 * @param finishedAt null until it is finished
 * @param error why it failed, or why its last attempt was abandoned; null otherwise
 */
record RunView(
    @JsonProperty("id") String id,
    @JsonProperty("request") RunRequest request,
    @JsonProperty("warnings") List<String> warnings,
    @JsonProperty("state") String state,
    @JsonProperty("waiting") @Nullable Waiting waiting,
    @JsonProperty("cancel_requested") boolean cancelRequested,
    @JsonProperty("pause_requested") boolean pauseRequested,
    @JsonProperty("progress") ProgressView progress,
    @JsonProperty("error") @Nullable String error,
    @JsonProperty("created_at") Instant createdAt,
    @JsonProperty("finished_at") @Nullable Instant finishedAt,
    @JsonProperty("attempts") int attempts) {

  /**
   * The view.
   *
   * @param series names of all rows of figures that tasks report
   */
  static RunView of(Run run, @Nullable Waiting waiting, Collection<String> series) {
    return new RunView(
        run.id(),
        run.request(),
        run.warnings(),
        run.state().label(),
        waiting,
        run.cancelRequested(),
        run.pauseRequested(),
        ProgressView.of(run.progress(), series),
        run.error().isEmpty() ? null : run.error(),
        run.createdAt(),
        run.finishedAt(),
        run.attempts());
  }
}
