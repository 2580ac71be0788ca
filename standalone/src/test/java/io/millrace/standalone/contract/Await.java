package io.millrace.standalone.contract;

import java.time.Duration;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Looks again and again until something is as wanted. */
final class Await {
  private static final Duration TIMEOUT = Duration.ofSeconds(180);
  private static final Duration PAUSE = Duration.ofMillis(50);

  private Await() {}

  static <T> T until(Supplier<T> look, Predicate<T> wanted) {
    return until(look, wanted, /* progress= */ seen -> "");
  }

  /**
   * The same of something that takes a while, which may be long on a busy machine: gives up only
   * when it does not get on.
   *
   * @param progress what changes as long as it does
   */
  static <T> T until(Supplier<T> look, Predicate<T> wanted, Function<T, ?> progress) {
    long end = System.nanoTime() + TIMEOUT.toNanos();
    @Nullable Object before = null;
    while (true) {
      T seen = look.get();
      if (wanted.test(seen)) {
        return seen;
      }
      Object now = progress.apply(seen);
      if (!now.equals(before)) {
        before = now;
        end = System.nanoTime() + TIMEOUT.toNanos();
      }
      if (System.nanoTime() > end) {
        throw new AssertionError("still " + seen);
      }
      try {
        Thread.sleep(PAUSE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }
}
