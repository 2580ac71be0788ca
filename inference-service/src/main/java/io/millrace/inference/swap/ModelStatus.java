package io.millrace.inference.swap;

import io.millrace.platform.registry.ModelVersion;
import org.jspecify.annotations.Nullable;

/**
 * What a person wants to know of a model.
 *
 * @param state of its slot: vacant, loading, serving, replacing or closed
 * @param serving the version that serves; null: none
 * @param swaps how often a version replaced another since the start
 * @param swapPauseMsMax longest time in milliseconds that a request waited because of a swap
 * @param rejected the last version that was refused; null: none
 */
public record ModelStatus(
    String name,
    String state,
    @Nullable ModelVersion serving,
    long swaps,
    double swapPauseMsMax,
    @Nullable Rejection rejected) {

  /** A version that was refused and why. */
  public record Rejection(int version, String reason) {}
}
