package io.millrace.training.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * A run as REST clients see it.
 *
 * @param createdAt Unix time in milliseconds
 * @param finishedAt Unix time in milliseconds; null until it is finished
 * @param error why it failed, or why its last attempt was abandoned; null otherwise
 */
record RunView(
    @JsonProperty("id") String id,
    @JsonProperty("request") RunRequest request,
    @JsonProperty("state") String state,
    @JsonProperty("cancel_requested") boolean cancelRequested,
    @JsonProperty("progress") ProgressView progress,
    @JsonProperty("error") @Nullable String error,
    @JsonProperty("created_at") long createdAt,
    @JsonProperty("finished_at") @Nullable Long finishedAt,
    @JsonProperty("attempts") int attempts) {

  /**
   * The view.
   *
   * @param series names of all rows of figures that tasks report
   */
  static RunView of(Run run, Collection<String> series) {
    Instant finished = run.finishedAt();
    return new RunView(
        run.id(),
        run.request(),
        run.state().label(),
        run.cancelRequested(),
        ProgressView.of(run.progress(), series),
        run.error().isEmpty() ? null : run.error(),
        run.createdAt().toEpochMilli(),
        finished == null ? null : finished.toEpochMilli(),
        run.attempts());
  }
}
