package io.millrace.inference.catalog;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.platform.registry.ModelVersion;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A version of a model as {@code /api/models/{name}/versions} shows it.
 *
 * @param state {@code serving}, {@code promoted}, {@code refused} or {@code published}
 * @param aliases {@code latest}, {@code stable}
 * @param bytes of its files; missing while it is not known
 * @param snapshot what it was learned from; missing for an imported one
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record VersionJson(
    int version,
    String state,
    List<String> aliases,
    String task,
    String runId,
    long step,
    String digest,
    @Nullable Long bytes,
    Map<String, Double> metrics,
    Ownership.@Nullable Snapshot snapshot,
    Instant createdAt) {

  static VersionJson of(Ownership.Version owned) {
    ModelVersion version = owned.version();
    return new VersionJson(
        version.version(),
        owned.state(),
        owned.aliases(),
        version.task(),
        version.runId(),
        version.step(),
        version.manifestSha256(),
        version.bytes() == 0 ? null : version.bytes(),
        version.metrics(),
        owned.snapshot().orElse(null),
        version.createdAt());
  }
}
