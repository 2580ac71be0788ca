package io.millrace.inference.catalog;

import io.millrace.inference.swap.ModelStatus;
import io.millrace.platform.registry.ModelVersion;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A model as {@code /api/models} shows it.
 *
 * @param state vacant, loading, serving, replacing, unloaded or closed
 * @param version that serves, or did when it was unloaded; 0: none
 * @param createdAt when the model's first version was published
 * @param versionCreatedAt when the version that serves was published
 * @param digest SHA-256 of the manifest of what serves
 * @param swapPauseMsMax longest time that a swap took from setting the new version until the old
 *     one was let go, its memory freed if no request held it; 0: there was none
 * @param postponed the newest version that could not be loaded and is tried again
 */
record ModelJson(
    String name,
    String state,
    int version,
    @Nullable String task,
    @Nullable String digest,
    long step,
    @Nullable String runId,
    Map<String, Double> metrics,
    @Nullable Instant createdAt,
    @Nullable Instant versionCreatedAt,
    long swaps,
    double swapPauseMsMax,
    ModelStatus.@Nullable Postponement postponed,
    ModelStatus.@Nullable Rejection rejected) {

  static ModelJson of(ModelStatus status) {
    ModelVersion serving = status.serving();
    return serving == null
        ? new ModelJson(
            status.name(),
            status.state(),
            0,
            null,
            null,
            0,
            null,
            Map.of(),
            status.created(),
            null,
            status.swaps(),
            status.swapPauseMsMax(),
            status.postponed(),
            status.rejected())
        : new ModelJson(
            status.name(),
            status.state(),
            serving.version(),
            serving.task(),
            serving.manifestSha256(),
            serving.step(),
            serving.runId(),
            serving.metrics(),
            status.created(),
            serving.createdAt(),
            status.swaps(),
            status.swapPauseMsMax(),
            status.postponed(),
            status.rejected());
  }
}
