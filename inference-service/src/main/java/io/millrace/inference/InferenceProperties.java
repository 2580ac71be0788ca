package io.millrace.inference;

import io.millrace.contracts.Tasks;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the inference service, prefix {@code millrace.inference}.
 *
 * @param tasks of the models that are served here; empty: all. Models of other tasks are left to
 *     other replicas
 * @param streams steps of generations and detections that are computed side by side, a thread each
 * @param together texts that a language model continues in one step at most, when more are on their
 *     way than there are streams. 1: each by itself, so that a seed gives the same text to the last
 *     bit of its logits whatever else is computed
 * @param queue requests that may be on their way beyond these; one more is refused
 * @param defaultMaxTokens tokens of a completion that names no number
 * @param retry pause before a version is loaded again that could not be for a reason that may pass;
 *     doubled from try to try, up to a minute
 * @param missing how long files of a version may be missing, as a shared file system may show them
 *     late, before the version is refused
 * @param drain how long requests may go on when the service stops; less than {@code
 *     spring.lifecycle.timeout-per-shutdown-phase}
 * @param unloadAfter how long nobody may use a model before it is unloaded until somebody asks for
 *     it; zero: none is
 */
@Validated
@ConfigurationProperties("millrace.inference")
public record InferenceProperties(
    @DefaultValue List<String> tasks,
    @Min(1) @Max(256) @DefaultValue("2") int streams,
    @Min(1) @Max(1024) @DefaultValue("64") int together,
    @Min(1) @Max(10_000) @DefaultValue("64") int queue,
    @Min(1) @DefaultValue("128") int defaultMaxTokens,
    @DefaultValue("1s") Duration retry,
    @DefaultValue("90s") Duration missing,
    @DefaultValue("20s") Duration drain,
    @DefaultValue("0s") Duration unloadAfter) {

  /** Copies the list; refuses a task that does not exist. */
  public InferenceProperties {
    tasks = List.copyOf(tasks);
    Tasks.requireKnown("millrace.inference.tasks", tasks);
  }

  /** Whether models of a task are served here. */
  public boolean serves(String task) {
    return tasks.isEmpty() || tasks.contains(task);
  }

  /** Whether models that nobody uses are unloaded. */
  public boolean unloads() {
    return unloadAfter.isPositive();
  }
}
