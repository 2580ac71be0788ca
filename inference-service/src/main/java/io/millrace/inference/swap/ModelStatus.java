package io.millrace.inference.swap;

import io.millrace.platform.registry.ModelVersion;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a person wants to know of a model.
 *
 * @param state of its slot: vacant, loading, serving, replacing, unloaded or closed
 * @param created when its first version was published; null: not known
 * @param serving the version that serves, or did when it was unloaded; null: none
 * @param swaps how often a version replaced another since the start
 * @param swapPauseMsMax longest time in milliseconds that a swap took from setting the new version
 *     until the old one was let go, its memory freed if no request held it; no request waits longer
 *     because of a swap; 0: there was none
 * @param postponed the newest version whose loading failed and is tried again; null: none
 * @param rejected the last version that was refused; null: none
 */
public record ModelStatus(
    String name,
    String state,
    @Nullable Instant created,
    @Nullable ModelVersion serving,
    long swaps,
    double swapPauseMsMax,
    @Nullable Postponement postponed,
    @Nullable Rejection rejected) {

  /** A version that could not be loaded so often, why the last time, and is tried again. */
  public record Postponement(int version, int tries, String reason) {}

  /** A version that was refused and why. */
  public record Rejection(int version, String reason) {}
}
