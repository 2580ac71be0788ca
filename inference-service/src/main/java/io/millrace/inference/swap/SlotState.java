package io.millrace.inference.swap;

import io.millrace.platform.registry.Promotion;
import org.jspecify.annotations.Nullable;

/**
 * Where a model's slot stands.
 *
 * <pre>
 *             begin                 succeed
 *  VACANT ───────────► LOADING ──────────────► SERVING ◄──────────────────┐
 *     ▲                   │                       │ begin                 │ succeed: the candidate
 *     └───────────────────┘                       ▼                       │ refuse, postpone: as before
 *        refuse, postpone                     REPLACING ──────────────────┘
 *
 *  SERVING ── unload ──► UNLOADED ── begin ──► LOADING
 *
 *  any ── close ──► CLOSED
 * </pre>
 *
 * A candidate is loaded beside what serves, so {@code REPLACING} answers requests like {@code
 * SERVING}.
 */
sealed interface SlotState {

  /** Nothing serves and nothing is being loaded. */
  record Vacant() implements SlotState {}

  /**
   * Nothing serves yet.
   *
   * @param candidate is verified, loaded and warmed
   */
  record Loading(Promotion candidate) implements SlotState {}

  /**
   * A version answers.
   *
   * @param current which
   */
  record Serving(Promotion current) implements SlotState {}

  /**
   * A version answers while its successor is loaded.
   *
   * @param current which answers
   * @param candidate is verified, loaded and warmed
   */
  record Replacing(Promotion current, Promotion candidate) implements SlotState {}

  /**
   * Nothing is in memory because nobody asked; whoever does has the newest version loaded.
   *
   * @param last which answered
   */
  record Unloaded(Promotion last) implements SlotState {}

  /** The service stops; nothing changes any more. */
  record Closed() implements SlotState {}

  /** A candidate is taken up. */
  default SlotState begin(Promotion candidate) {
    return switch (this) {
      case Vacant _, Unloaded _ -> new Loading(candidate);
      case Serving(Promotion current) -> new Replacing(current, candidate);
      case Loading _, Replacing _, Closed _ -> throw impossible("begin");
    };
  }

  /** The candidate serves from now on. */
  default SlotState succeed() {
    return switch (this) {
      case Loading(Promotion candidate) -> new Serving(candidate);
      case Replacing(Promotion _, Promotion candidate) -> new Serving(candidate);
      case Vacant _, Serving _, Unloaded _, Closed _ -> throw impossible("succeed");
    };
  }

  /** The candidate is no good; everything is as before. */
  default SlotState refuse() {
    return switch (this) {
      case Loading _ -> new Vacant();
      case Replacing(Promotion current, Promotion _) -> new Serving(current);
      case Vacant _, Serving _, Unloaded _, Closed _ -> throw impossible("refuse");
    };
  }

  /** The candidate cannot be loaded now; everything is as before. */
  default SlotState postpone() {
    return switch (this) {
      case Loading _ -> new Vacant();
      case Replacing(Promotion current, Promotion _) -> new Serving(current);
      case Vacant _, Serving _, Unloaded _, Closed _ -> throw impossible("postpone");
    };
  }

  /** What answers leaves the memory. */
  default SlotState unload() {
    return switch (this) {
      case Serving(Promotion current) -> new Unloaded(current);
      case Vacant _, Loading _, Replacing _, Unloaded _, Closed _ -> throw impossible("unload");
    };
  }

  /** What answers requests; null if nothing does. */
  default @Nullable Promotion serving() {
    return switch (this) {
      case Serving(Promotion current) -> current;
      case Replacing(Promotion current, Promotion _) -> current;
      case Vacant _, Loading _, Unloaded _, Closed _ -> null;
    };
  }

  /** What is being loaded; null if nothing is. */
  default @Nullable Promotion candidate() {
    return switch (this) {
      case Loading(Promotion candidate) -> candidate;
      case Replacing(Promotion _, Promotion candidate) -> candidate;
      case Vacant _, Serving _, Unloaded _, Closed _ -> null;
    };
  }

  /** The state's name for clients, e.g. {@code serving}. */
  default String label() {
    return switch (this) {
      case Vacant _ -> "vacant";
      case Loading _ -> "loading";
      case Serving _ -> "serving";
      case Replacing _ -> "replacing";
      case Unloaded _ -> "unloaded";
      case Closed _ -> "closed";
    };
  }

  private IllegalStateException impossible(String transition) {
    return new IllegalStateException("no '" + transition + "' in state " + label());
  }
}
