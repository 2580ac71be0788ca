package io.millrace.platform.vital;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads that a service cannot do its work without. One that ends before it is {@linkplain #forget
 * forgotten}, or does not give a sign of life for too long, makes the service's health DOWN with
 * its name: nothing else would tell of it.
 */
public final class VitalThreads {
  private static final Logger LOG = LoggerFactory.getLogger(VitalThreads.class);

  private final LongSupplier nanos;
  private final Map<Thread, Watched> threads = new ConcurrentHashMap<>();

  /** None so far. */
  public VitalThreads() {
    this(System::nanoTime);
  }

  VitalThreads(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** Starts a thread that may be silent. */
  public Thread start(Thread.Builder builder, Runnable work) {
    return start(builder, work, /* silence= */ null);
  }

  /**
   * Starts a thread that calls {@link #beat} more often than once in a time.
   *
   * @param silence the time
   */
  public Thread start(Thread.Builder builder, Duration silence, Runnable work) {
    return start(builder, work, silence);
  }

  private Thread start(Thread.Builder builder, Runnable work, @Nullable Duration silence) {
    Watched watched = new Watched(silence, nanos.getAsLong());
    Thread thread = builder.unstarted(() -> run(work, watched));
    threads.put(thread, watched);
    thread.start();
    return thread;
  }

  private static void run(Runnable work, Watched watched) {
    try {
      work.run();
    } catch (Throwable e) {
      watched.reason = e.toString();
      LOG.error("{} dies", Thread.currentThread().getName(), e);
      throw e;
    }
  }

  /** The calling thread is well. */
  public void beat() {
    Watched watched = threads.get(Thread.currentThread());
    if (watched != null) {
      watched.last = nanos.getAsLong();
    }
  }

  /** The end of a thread is wanted from now on. */
  public void forget(@Nullable Thread thread) {
    if (thread != null) {
      threads.remove(thread);
    }
  }

  /** Those that have ended, each with the reason if it is known. */
  public List<String> dead() {
    return threads.entrySet().stream()
        .filter(one -> !one.getKey().isAlive())
        .map(one -> {
          String reason = one.getValue().reason;
          return one.getKey().getName() + " has ended" + (reason == null ? "" : ": " + reason);
        })
        .sorted()
        .toList();
  }

  /** Those that live but have been silent for too long. */
  public List<String> silent() {
    long now = nanos.getAsLong();
    return threads.entrySet().stream()
        .filter(one -> one.getKey().isAlive() && one.getValue().isSilent(now))
        .map(one ->
            "%s is silent for %d s"
                .formatted(
                    one.getKey().getName(),
                    Duration.ofNanos(now - one.getValue().last).toSeconds()))
        .sorted()
        .toList();
  }

  private static final class Watched {
    private final @Nullable Duration silence;
    private volatile long last;
    private volatile @Nullable String reason;

    Watched(@Nullable Duration silence, long now) {
      this.silence = silence;
      this.last = now;
    }

    boolean isSilent(long now) {
      return silence != null && now - last > silence.toNanos();
    }
  }
}
