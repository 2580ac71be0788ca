package io.millrace.inference.swap;

import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.registry.Promotion;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The place of one model: which version serves, which are offered, which were refused. {@link
 * SlotState} draws the states.
 *
 * <p>The last promotion wins, never the one that came last: an offer that was promoted before what
 * serves is ignored, and promotions between what serves and the last are tried only if the later
 * ones are refused or postponed. A version that was refused once is not tried again; one that was
 * postponed is, when its time has come. Requests take no lock; loading is somebody else's work.
 *
 * <p>A model that nobody uses can be unloaded. Versions that are offered then are only noted, until
 * somebody asks for the model.
 */
final class ModelSlot {
  private static final double NANOS_PER_MS = 1e6;

  private final String model;
  private final SwapHolder<LoadedModel> holder;
  private final Offers offers;
  private volatile SlotState state = new SlotState.Vacant();
  private volatile ModelStatus.@Nullable Rejection rejection;
  private volatile long swaps;
  private @Nullable Instant created;
  private volatile boolean wanted;
  private final LongSupplier nanos;
  private volatile long lastUse;

  /**
   * A slot without a version.
   *
   * @param freed told of every version that nobody uses any more, once it is closed; must not wait
   */
  ModelSlot(String model, Runnable freed) {
    this(model, freed, System::nanoTime);
  }

  /**
   * A slot without a version.
   *
   * @param nanos like {@link System#nanoTime}
   */
  ModelSlot(String model, Runnable freed, LongSupplier nanos) {
    this.model = model;
    this.nanos = nanos;
    this.lastUse = nanos.getAsLong();
    this.offers = new Offers(nanos);
    this.holder =
        new SwapHolder<>(loaded -> {
          loaded.runtime().close();
          freed.run();
        });
  }

  String model() {
    return model;
  }

  /**
   * Makes a promotion known; ignored if what serves was promoted after it or is that version, if it
   * is being loaded already, was refused before, or the slot is closed. So the same news may come
   * any number of times.
   *
   * @return whether there is something to load now
   */
  synchronized boolean offer(Promotion promotion) {
    ModelVersion version = promotion.version();
    if (created == null || version.createdAt().isBefore(created)) {
      created = version.createdAt();
    }
    Promotion candidate = state.candidate();
    if (state instanceof SlotState.Closed
        || !isLater(promotion)
        || offers.isRefused(version)
        || (candidate != null && candidate.number() == promotion.number())) {
      return false;
    }
    offers.add(promotion);
    return true;
  }

  /** Forgets offers of versions that are not there any more. */
  synchronized void retain(Set<Integer> versions) {
    offers.retain(versions);
  }

  /** The promotion to load now, which becomes the candidate; null if there is nothing to do. */
  synchronized @Nullable Promotion next() {
    if (state.candidate() != null || isUnloadedAndUnwanted()) {
      return null;
    }
    for (Promotion candidate : offers.lastFirst()) {
      Promotion serving = state.serving();
      if (serving != null && candidate.version().version() == serving.version().version()) {
        // It serves already, but from now on nothing comes before it that was promoted earlier.
        state = state.begin(candidate).succeed();
        offers.forgetUntil(candidate);
        return null;
      }
      if (offers.isDue(candidate.version())) {
        offers.take(candidate);
        state = state.begin(candidate);
        return candidate;
      }
    }
    return null;
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
    boolean replaces = serves();
    // State first: who sees the new version answer also finds it reported.
    state = state.succeed();
    offers.forgetUntil(Objects.requireNonNull(state.serving()));
    if (replaces) {
      swaps++;
    }
    holder.exchange(loaded);
    wanted = false;
    lastUse = nanos.getAsLong();
    notifyAll();
    return true;
  }

  /**
   * Drops the candidate for a while; what serves goes on serving, and older versions may come
   * first.
   *
   * @param pause until it may be loaded again
   */
  synchronized void postpone(Promotion candidate, String reason, Duration pause) {
    if (state instanceof SlotState.Closed) {
      return;
    }
    offers.postpone(candidate, reason, pause);
    state = state.postpone();
    notifyAll();
  }

  /** How often a version was postponed. */
  synchronized int tries(ModelVersion version) {
    return offers.tries(version);
  }

  /** For how long a version is being tried; zero if it was not postponed yet. */
  synchronized Duration troubledFor(ModelVersion version) {
    return offers.troubledFor(version);
  }

  /** Drops the candidate; what serves goes on serving. */
  synchronized void refuse(ModelStatus.Rejection why) {
    rejection = why;
    offers.refuse(why.version());
    if (!(state instanceof SlotState.Closed)) {
      state = state.refuse();
    }
    notifyAll();
  }

  /** Ends serving; versions in use are closed by their last users. */
  synchronized void close() {
    state = new SlotState.Closed();
    offers.clear();
    holder.clear();
    notifyAll();
  }

  /** What serves now; null if nothing does. */
  SwapHolder.@Nullable Lease<LoadedModel> acquire() {
    SwapHolder.Lease<LoadedModel> lease = holder.acquire();
    if (lease != null) {
      lastUse = nanos.getAsLong();
    }
    return lease;
  }

  /**
   * Unloads what serves if nobody has used it for so long, nothing is about to replace it and
   * nobody holds it.
   *
   * @return whether it did
   */
  synchronized boolean unloadIfUnused(Duration longest) {
    if (!(state instanceof SlotState.Serving(Promotion current)) || !offers.isEmpty()) {
      return false;
    }
    long now = nanos.getAsLong();
    if (holder.isHeld()) {
      lastUse = now;
    }
    if (now - lastUse < longest.toNanos()) {
      return false;
    }
    state = state.unload();
    // Should a later version be refused, this one is loaded again.
    offers.add(current);
    holder.clear();
    return true;
  }

  /** Asks for what is unloaded; whether there is something to be waited for. */
  synchronized boolean want() {
    if (state instanceof SlotState.Unloaded) {
      wanted = true;
    }
    return wanted;
  }

  /** Waits a moment for what was asked for, if it does not serve yet and still may. */
  synchronized void awaitWanted(Duration moment) throws InterruptedException {
    if (state.serving() == null && wanted && !(state instanceof SlotState.Closed)) {
      wait(moment.toMillis());
    }
  }

  /** Nothing more can be loaded now of what was asked for. */
  synchronized void giveUp() {
    wanted = false;
    notifyAll();
  }

  private boolean isUnloadedAndUnwanted() {
    return state instanceof SlotState.Unloaded && !wanted;
  }

  /** Whether something is being loaded or waits for its first try. */
  synchronized boolean isBusy() {
    return state.candidate() != null || (!isUnloadedAndUnwanted() && offers.hasUntried());
  }

  /** Where the slot stands now. */
  synchronized ModelStatus status() {
    Promotion serving =
        state instanceof SlotState.Unloaded(Promotion last) ? last : state.serving();
    return new ModelStatus(
        model,
        state.label(),
        created,
        serving == null ? null : serving.version(),
        swaps,
        holder.longestExchange() / NANOS_PER_MS,
        offers.postponement(),
        rejection);
  }

  /** Whether a version answers. */
  boolean serves() {
    return state.serving() != null;
  }

  private boolean isLater(Promotion promotion) {
    Promotion serving =
        state instanceof SlotState.Unloaded(Promotion last) ? last : state.serving();
    return serving == null || promotion.number() > serving.number();
  }
}
