package io.millrace.inference.compute;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.inference.InferenceMetric;
import io.millrace.inference.InferenceProperties;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.tensor.engine.TensorEngine;
import jakarta.annotation.PreDestroy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * The threads that compute, one operation thread each, and how many requests they take on.
 *
 * <p>Work gets its turns in order: a thread makes one step of it (a token, a picture) and, if
 * others wait, takes up the next, so that a long completion does not keep short ones waiting. They
 * are platform threads because libtorch keeps settings for each.
 *
 * <p>When the service stops, nothing more is admitted, and what is on its way may end within the
 * time to drain; then it is abandoned.
 */
@Component
public class ComputePool implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(ComputePool.class);

  /** Tells threads to end when no work is left. */
  private static final Work LAST = () -> false;

  private final LinkedBlockingQueue<Work> waiting = new LinkedBlockingQueue<>();
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicInteger taken = new AtomicInteger();
  private final Counter overloaded;
  private final Semaphore places;
  private final Duration drain;
  private final List<Thread> threads;
  private volatile boolean started;
  private volatile boolean stopping;
  private volatile boolean abandoning;

  /**
   * @param started threads make libtorch's settings for themselves, so it must be there
   */
  ComputePool(TensorEngine started, InferenceProperties properties, MeterRegistry meters) {
    this.places = new Semaphore(properties.streams() + properties.queue());
    this.drain = properties.drain();
    int limit = properties.streams() + properties.queue();
    InferenceMetric.RUNNING.gauge(meters, running, AtomicInteger::get);
    InferenceMetric.WAITING.gauge(meters, waiting, LinkedBlockingQueue::size);
    InferenceMetric.REQUESTS.gauge(meters, taken, AtomicInteger::get);
    InferenceMetric.PLACES.gauge(meters, limit, Integer::doubleValue);
    this.overloaded = InferenceMetric.OVERLOADED.counter(meters);
    this.threads =
        IntStream.range(0, properties.streams())
            .mapToObj(i -> Thread.ofPlatform().name("compute-" + i).daemon().unstarted(this::run))
            .toList();
    threads.forEach(Thread::start);
  }

  /** How many steps are made side by side. */
  public int streams() {
    return threads.size();
  }

  /**
   * Takes a place, to be closed.
   *
   * @throws MillraceException OVERLOADED if too many are on their way, UNAVAILABLE if the service
   *     stops
   */
  public Place admit() {
    return tryAdmit().orElseThrow(this::refusal);
  }

  private MillraceException refusal() {
    if (stopping) {
      return stopped();
    }
    overloaded.increment();
    return new MillraceException(
        ErrorCode.OVERLOADED, "too many requests wait already; try again in a moment");
  }

  /** Takes a place if there is one and the service does not stop. */
  public Optional<Place> tryAdmit() {
    return !stopping && places.tryAcquire() ? Optional.of(new Place()) : Optional.empty();
  }

  /** The right to have work computed; may be handed from thread to thread. */
  public final class Place implements AutoCloseable {
    private final AtomicBoolean open = new AtomicBoolean(true);

    private Place() {
      taken.incrementAndGet();
    }

    /**
     * To be called before each step.
     *
     * @throws MillraceException UNAVAILABLE if the service stops and the time to drain is over
     */
    public void requireTime() {
      if (abandoning) {
        throw stopped();
      }
    }

    /** Gives the place back; a second call does nothing. */
    @Override
    public void close() {
      if (open.compareAndSet(true, false)) {
        taken.decrementAndGet();
        places.release();
      }
    }
  }

  /** Gives work a turn, again and again until it wants no more. Needs a place. */
  public void schedule(Work work) {
    waiting.add(work);
  }

  /**
   * Computes something in one step, and waits for it even if interrupted: what the step uses must
   * not be let go before its end.
   *
   * @throws MillraceException as {@link #admit}
   */
  public <T> T call(Callable<T> step) {
    return callAll(List.of(step)).getFirst();
  }

  /**
   * Computes one thing after the other, each in a turn of its own so that others come in between,
   * and waits as {@link #call} does. When the current client leaves, there are no more steps.
   *
   * @param steps at least one; after one that fails there are no more
   * @return what the steps gave, in order
   * @throws MillraceException as {@link #admit}
   * @throws io.millrace.platform.error.ClientGoneException if nobody waits for the results
   */
  public <T> List<T> callAll(List<Callable<T>> steps) {
    Iterator<Callable<T>> next = steps.iterator();
    List<T> results = new ArrayList<>();
    Client client = Client.current();
    CompletableFuture<List<T>> result = new CompletableFuture<>();
    try (Place place = admit()) {
      schedule(() -> {
        try {
          place.requireTime();
          client.requireThere();
          results.add(next.next().call());
          if (next.hasNext()) {
            return true;
          }
          result.complete(results);
        } catch (Throwable e) {
          result.completeExceptionally(e);
        }
        return false;
      });
      return result.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    }
  }

  @Override
  public void start() {
    started = true;
  }

  /** Admits nothing more, and gives what was admitted the time to drain. */
  @Override
  public void stop() {
    stopping = true;
    started = false;
    Thread.ofVirtual()
        .name("inference-drain")
        .start(() -> {
          try {
            Thread.sleep(drain);
          } catch (InterruptedException e) {
            LOG.debug("not waiting for the rest", e);
          }
          abandonAll();
        });
  }

  @Override
  public boolean isRunning() {
    return started;
  }

  /** After the delay of a shutdown, in which everything is still answered, before any server. */
  @Override
  public int getPhase() {
    return DEFAULT_PHASE - 1;
  }

  /** Returns when no thread computes any more. */
  @PreDestroy
  void close() throws InterruptedException {
    stopping = true;
    abandonAll();
    waiting.add(LAST);
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private void abandonAll() {
    if (taken.get() > 0 && !abandoning) {
      LOG.warn("the service stops, {} requests are abandoned", taken.get());
    }
    abandoning = true;
  }

  private void run() {
    TensorEngine.enterThread(1);
    while (true) {
      try {
        Work work = waiting.take();
        if (work == LAST) {
          boolean alone = waiting.isEmpty();
          // The next thread shall see it too, and this one what waits behind it.
          waiting.add(LAST);
          if (alone) {
            return;
          }
          continue;
        }
        running.incrementAndGet();
        try {
          run(work);
        } finally {
          running.decrementAndGet();
        }
      } catch (InterruptedException e) {
        LOG.warn("interrupted by nobody we know, going on", e);
      }
    }
  }

  private void run(Work work) {
    boolean more;
    try {
      do {
        more = work.advance();
      } while (more && waiting.isEmpty());
    } catch (RuntimeException | Error e) {
      LOG.error("work failed without saying so to its request", e);
      more = false;
    }
    if (more) {
      waiting.add(work);
    }
  }

  private static MillraceException stopped() {
    return MillraceException.unavailable("the service is stopping");
  }
}
