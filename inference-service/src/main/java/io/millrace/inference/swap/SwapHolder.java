package io.millrace.inference.swap;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One value that many threads use while another thread replaces it.
 *
 * <p>Users count: a value is closed by whoever lets go of it last, after it was replaced. Neither
 * side ever blocks. A user that meets a value in the moment between its replacement and its end
 * takes the new one instead, so it waits for less than {@link #longestExchange()}.
 *
 * @param <T> the value
 */
final class SwapHolder<T> {
  private final Consumer<? super T> closer;
  private final AtomicReference<@Nullable Counted<T>> current = new AtomicReference<>();
  private final LongAccumulator longestExchange = new LongAccumulator(Math::max, 0);

  /**
   * An empty holder.
   *
   * @param closer called once for each value, when nobody uses it any more
   */
  SwapHolder(Consumer<? super T> closer) {
    this.closer = closer;
  }

  /** The value of now, which stays usable until the lease is closed; null if there is none. */
  @Nullable Lease<T> acquire() {
    Counted<T> value = current.get();
    if (value == null) {
      return null;
    }
    if (value.take()) {
      return new Lease<>(value);
    }
    while (true) {
      value = current.get();
      if (value == null) {
        return null;
      }
      if (value.take()) {
        return new Lease<>(value);
      }
      Thread.onSpinWait();
    }
  }

  /** Whether somebody uses the value now. */
  boolean isHeld() {
    Counted<T> value = current.get();
    return value != null && value.holders.get() > 1;
  }

  /** Replaces the value; the old one is closed now or by its last user. */
  void exchange(T next) {
    replace(new Counted<>(next, closer));
  }

  /** Takes the value away; it is closed now or by its last user. */
  void clear() {
    replace(null);
  }

  private void replace(@Nullable Counted<T> next) {
    long from = System.nanoTime();
    Counted<T> old = current.getAndSet(next);
    if (old != null) {
      try {
        old.release();
      } finally {
        // The clock may stand still for so short a time, the exchange did not.
        longestExchange.accumulate(Math.max(1, System.nanoTime() - from));
      }
    }
  }

  /**
   * Longest time in nanoseconds from setting a new value until the old one was let go and, if
   * nobody used it any more, closed; 0: nothing was replaced yet.
   */
  long longestExchange() {
    return longestExchange.get();
  }

  /**
   * The right to use a value.
   *
   * @param <T> the value
   */
  static final class Lease<T> implements AutoCloseable {
    private final AtomicReference<@Nullable Counted<T>> counted;
    private final T value;

    private Lease(Counted<T> counted) {
      this.counted = new AtomicReference<>(counted);
      this.value = counted.value;
    }

    /** The value; not to be used after {@link #close()}. */
    T value() {
      return value;
    }

    /** Gives the value back; a second call does nothing. */
    @Override
    public void close() {
      Counted<T> held = counted.getAndSet(null);
      if (held != null) {
        held.release();
      }
    }
  }

  /** A value and how many hold it: the holder itself and every lease. */
  private static final class Counted<T> {
    private final T value;
    private final Consumer<? super T> closer;
    private final AtomicInteger holders = new AtomicInteger(1);

    Counted(T value, Consumer<? super T> closer) {
      this.value = value;
      this.closer = closer;
    }

    /** Counts one more user; false if the last one has gone. */
    boolean take() {
      int seen = holders.get();
      while (seen > 0) {
        if (holders.compareAndSet(seen, seen + 1)) {
          return true;
        }
        seen = holders.get();
      }
      return false;
    }

    void release() {
      if (holders.decrementAndGet() == 0) {
        closer.accept(value);
      }
    }
  }
}
