package io.millrace.inference.swap;

import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.registry.Promotion;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The promotions of a model that may be loaded: those that were offered, without versions that were
 * refused, and with pauses for those that were postponed. Not safe for use by several threads.
 */
final class Offers {
  private final TreeMap<Long, Promotion> waiting = new TreeMap<>();
  private final Set<Integer> refused = new HashSet<>();
  private final TreeMap<Integer, Trials> trials = new TreeMap<>();
  private final LongSupplier nanos;

  /**
   * None so far.
   *
   * @param nanos like {@link System#nanoTime}
   */
  Offers(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** Adds a promotion, in the place of earlier ones of its version. */
  void add(Promotion promotion) {
    waiting.values().removeIf(older -> isOlderOfSame(older, promotion));
    waiting.put(promotion.number(), promotion);
  }

  private static boolean isOlderOfSame(Promotion older, Promotion promotion) {
    return older.number() < promotion.number()
        && older.version().version() == promotion.version().version();
  }

  /** All of them, the last first. */
  List<Promotion> lastFirst() {
    return List.copyOf(waiting.descendingMap().values());
  }

  /** Takes one away, to be loaded. */
  void take(Promotion candidate) {
    waiting.remove(candidate.number());
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  void clear() {
    waiting.clear();
  }

  /** Forgets versions that are not there any more. */
  void retain(Set<Integer> versions) {
    waiting.values().removeIf(offer -> !versions.contains(offer.version().version()));
    trials.keySet().retainAll(versions);
  }

  /** What was promoted no later than what serves now is no candidate any more. */
  void forgetUntil(Promotion serving) {
    waiting.headMap(serving.number(), /* inclusive= */ true).clear();
    Set<Integer> offered = new HashSet<>();
    waiting.values().forEach(offer -> offered.add(offer.version().version()));
    trials.keySet().retainAll(offered);
  }

  /** A version is never to be tried again. */
  void refuse(int version) {
    refused.add(version);
    trials.remove(version);
  }

  boolean isRefused(ModelVersion version) {
    return refused.contains(version.version());
  }

  /**
   * Puts a promotion back for a while.
   *
   * @param pause until it may be loaded again
   */
  void postpone(Promotion candidate, String reason, Duration pause) {
    long now = nanos.getAsLong();
    int version = candidate.version().version();
    Trials before = trials.get(version);
    trials.put(
        version,
        new Trials(
            before == null ? now : before.since(),
            now + pause.toNanos(),
            new ModelStatus.Postponement(
                version, before == null ? 1 : before.shown().tries() + 1, reason)));
    waiting.put(candidate.number(), candidate);
  }

  /** Whether a version may be loaded now. */
  boolean isDue(ModelVersion version) {
    Trials tried = trials.get(version.version());
    return tried == null || tried.next() - nanos.getAsLong() <= 0;
  }

  /** How often a version was postponed. */
  int tries(ModelVersion version) {
    Trials tried = trials.get(version.version());
    return tried == null ? 0 : tried.shown().tries();
  }

  /** For how long a version is being tried; zero if it was not postponed yet. */
  Duration troubledFor(ModelVersion version) {
    Trials tried = trials.get(version.version());
    return tried == null ? Duration.ZERO : Duration.ofNanos(nanos.getAsLong() - tried.since());
  }

  /** Whether there is one that waits for its first try. */
  boolean hasUntried() {
    return waiting.values().stream()
        .anyMatch(offer -> !trials.containsKey(offer.version().version()));
  }

  /** Of the newest version that is postponed; null if none is. */
  ModelStatus.@Nullable Postponement postponement() {
    return trials.isEmpty() ? null : trials.lastEntry().getValue().shown();
  }

  /** When it failed first and may be tried next, both by the slot's time. */
  private record Trials(long since, long next, ModelStatus.Postponement shown) {}
}
