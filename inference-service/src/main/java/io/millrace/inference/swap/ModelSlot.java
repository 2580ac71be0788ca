package io.millrace.inference.swap;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The place of one model: empty, or serving one version.
 *
 * <pre>
 *   EMPTY ──exchange──► SERVING v ──exchange──► SERVING w ──close──► EMPTY
 *                          │                      (v drains: its last request closes it)
 *                          └─reject w──► SERVING v
 * </pre>
 *
 * <p>Requests never wait for a load: they take hold of whatever serves, by one compare-and-set, and
 * a version is exchanged by setting one reference.
 */
final class ModelSlot {

  private final AtomicReference<@Nullable Serving> current = new AtomicReference<>();
  private final AtomicLong swaps = new AtomicLong();
  private final AtomicLong longestPauseNanos = new AtomicLong();

  /** Takes hold of the version that serves now. */
  Optional<HeldModel> acquire() {
    long begin = System.nanoTime();
    while (true) {
      Serving serving = current.get();
      if (serving == null) {
        return Optional.empty();
      }
      if (serving.retain()) {
        longestPauseNanos.accumulateAndGet(System.nanoTime() - begin, Math::max);
        return Optional.of(new HeldModel(serving));
      }
      // It was exchanged and drained between the two lines: the next look finds its successor.
      Thread.onSpinWait();
    }
  }

  /** Makes a version serve; the one before drains. */
  void exchange(Serving next) {
    Serving before = current.getAndSet(next);
    if (before != null) {
      swaps.incrementAndGet();
      before.release();
    }
  }

  /** The version that serves; 0: none. */
  int version() {
    Serving serving = current.get();
    return serving == null ? 0 : serving.version().version();
  }

  /** How often a version replaced another. */
  long swaps() {
    return swaps.get();
  }

  /** The longest that any request took to get hold of a model, swaps included. */
  double longestPauseMillis() {
    return longestPauseNanos.get() / 1e6;
  }

  /** Empties the slot; what serves drains. */
  void close() {
    Serving before = current.getAndSet(null);
    if (before != null) {
      before.release();
    }
  }
}
