package io.millrace.inference.swap;

import io.millrace.platform.registry.ModelVersion;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The place of one model: which version serves, which are offered, which were refused. {@link
 * SlotState} draws the states.
 *
 * <p>The newest offered version wins, never the one that came last: an offer that is not newer than
 * what serves is ignored, and versions between what serves and the newest are tried only if the
 * newer ones are refused. A version that was refused once is not tried again. Requests take no
 * lock; loading is somebody else's work.
 */
final class ModelSlot {
  private static final double NANOS_PER_MS = 1e6;

  private final String model;
  private final SwapHolder<LoadedModel> holder =
      new SwapHolder<>(loaded -> loaded.runtime().close());
  private final TreeMap<Integer, ModelVersion> offers = new TreeMap<>();
  private final Set<Integer> refused = new HashSet<>();
  private volatile SlotState state = new SlotState.Vacant();
  private volatile ModelStatus.@Nullable Rejection rejection;
  private volatile long swaps;

  ModelSlot(String model) {
    this.model = model;
  }

  String model() {
    return model;
  }

  /**
   * Makes a version known; ignored if it is not newer than what serves, is being loaded already,
   * was refused before, or the slot is closed. So the same news may come any number of times.
   *
   * @return whether there is something to load now
   */
  synchronized boolean offer(ModelVersion version) {
    ModelVersion candidate = state.candidate();
    if (state instanceof SlotState.Closed
        || !isNewer(version)
        || refused.contains(version.version())
        || (candidate != null && candidate.version() == version.version())) {
      return false;
    }
    offers.put(version.version(), version);
    return true;
  }

  /** The version to load now, which becomes the candidate; null if there is nothing to do. */
  synchronized @Nullable ModelVersion next() {
    if (state.candidate() != null || offers.isEmpty()) {
      return null;
    }
    ModelVersion candidate = offers.pollLastEntry().getValue();
    state = state.begin(candidate);
    return candidate;
  }

  /**
   * Lets the loaded candidate serve. If the slot was closed meanwhile, the candidate is closed.
   *
   * @return false if the slot was closed
   */
  synchronized boolean serve(LoadedModel loaded) {
    if (state instanceof SlotState.Closed) {
      loaded.runtime().close();
      return false;
    }
    boolean replaces = state.serving() != null;
    // State first: who sees the new version answer also finds it reported.
    state = state.succeed();
    offers.headMap(loaded.version().version()).clear();
    holder.exchange(loaded);
    if (replaces) {
      swaps++;
    }
    return true;
  }

  /** Drops the candidate; what serves goes on serving. */
  synchronized void refuse(ModelStatus.Rejection why) {
    rejection = why;
    refused.add(why.version());
    if (!(state instanceof SlotState.Closed)) {
      state = state.refuse();
    }
  }

  /** Ends serving; versions in use are closed by their last users. */
  synchronized void close() {
    state = new SlotState.Closed();
    offers.clear();
    holder.clear();
  }

  /** What serves now; null if nothing does. */
  @Nullable HeldModel acquire() {
    SwapHolder.Lease<LoadedModel> lease = holder.acquire();
    return lease == null ? null : new HeldModel(lease);
  }

  /** Whether something is being loaded or waits to be. */
  synchronized boolean isBusy() {
    return state.candidate() != null || !offers.isEmpty();
  }

  /** Where the slot stands now. */
  synchronized ModelStatus status() {
    return new ModelStatus(
        model,
        state.label(),
        state.serving(),
        swaps,
        holder.longestWait() / NANOS_PER_MS,
        rejection);
  }

  private boolean isNewer(ModelVersion version) {
    ModelVersion serving = state.serving();
    return serving == null || version.version() > serving.version();
  }
}
