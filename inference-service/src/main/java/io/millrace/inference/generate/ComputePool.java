package io.millrace.inference.generate;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.inference.InferenceMetric;
import io.millrace.inference.InferenceProperties;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.tensor.engine.TensorEngine;
import jakarta.annotation.PreDestroy;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.stereotype.Component;

/**
 * The threads that compute, one operation thread each, and how many requests they take on.
 *
 * <p>All admitted requests go on in turn: a thread makes one step (a token, a picture) and, if
 * others wait, takes up the next, so that a long completion does not keep short ones waiting. They
 * are platform threads because libtorch keeps settings for each.
 *
 * <p>When the service stops, nothing more is admitted, and what is on its way may end within the
 * time to drain; then it is abandoned.
 */
@Component
public class ComputePool implements ApplicationListener<ContextClosedEvent> {
  private static final Logger LOG = LoggerFactory.getLogger(ComputePool.class);

  private final LinkedBlockingQueue<Work> waiting = new LinkedBlockingQueue<>();
  private final Set<Work> admitted = ConcurrentHashMap.newKeySet();
  private final AtomicInteger running = new AtomicInteger();
  private final Semaphore places;
  private final Duration drain;
  private final List<Thread> threads;
  private volatile boolean stopping;
  private volatile boolean closed;

  ComputePool(InferenceProperties properties, MeterRegistry meters) {
    this.places = new Semaphore(properties.streams() + properties.queue());
    this.drain = properties.drain();
    meters.gauge(InferenceMetric.RUNNING.id(), running);
    meters.gauge(InferenceMetric.WAITING.id(), waiting, LinkedBlockingQueue::size);
    this.threads =
        IntStream.range(0, properties.streams())
            .mapToObj(i -> Thread.ofPlatform().name("compute-" + i).daemon().unstarted(this::run))
            .toList();
    threads.forEach(Thread::start);
  }

  /**
   * Takes a place, to be closed.
   *
   * @throws MillraceException OVERLOADED if too many are on their way, UNAVAILABLE if the service
   *     stops
   */
  Place admit() {
    if (stopping) {
      throw stopped();
    }
    if (!places.tryAcquire()) {
      throw new MillraceException(
          ErrorCode.OVERLOADED, "too many requests wait already; try again in a moment");
    }
    return new Place();
  }

  /** The right to compute; of one thread. */
  final class Place implements AutoCloseable {
    private boolean mine = true;

    private Place() {}

    /**
     * Computes in turn with others; the place goes to the work.
     *
     * @throws MillraceException UNAVAILABLE if the service stops
     */
    void start(Work work) {
      if (stopping) {
        throw stopped();
      }
      admitted.add(work);
      waiting.add(work);
      mine = false;
    }

    /** Gives the place back, unless work has it; a second call does nothing. */
    @Override
    public void close() {
      if (mine) {
        mine = false;
        places.release();
      }
    }
  }

  /**
   * Computes something in one step, and waits for it even if interrupted: what the step uses must
   * not be let go before its end.
   *
   * @throws MillraceException as {@link #admit}
   */
  public <T> T call(Callable<T> work) {
    OneStep<T> step = new OneStep<>(work);
    try (Place place = admit()) {
      place.start(step);
    }
    try {
      return step.result.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    }
  }

  /** The context begins to close: before any server stops. */
  @Override
  public void onApplicationEvent(ContextClosedEvent event) {
    stopping = true;
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

  /** Returns when no thread computes any more. */
  @PreDestroy
  void close() throws InterruptedException {
    stopping = true;
    abandonAll();
    closed = true;
    waiting.add(new OneStep<>(() -> true));
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private void abandonAll() {
    if (!admitted.isEmpty()) {
      LOG.warn("the service stops, {} requests are abandoned", admitted.size());
      admitted.forEach(work -> work.abandon(stopped()));
    }
  }

  private void run() {
    TensorEngine.enterThread(1);
    while (true) {
      try {
        Work work = waiting.take();
        if (closed && !admitted.contains(work)) {
          // The next thread shall see it too.
          waiting.add(work);
          return;
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
    boolean more = true;
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
    } else {
      admitted.remove(work);
      places.release();
    }
  }

  private static MillraceException stopped() {
    return MillraceException.unavailable("the service is stopping");
  }

  private static final class OneStep<T> implements Work {
    private final Callable<T> work;
    private final CompletableFuture<T> result = new CompletableFuture<>();
    private volatile @Nullable MillraceException abandoned;

    OneStep(Callable<T> work) {
      this.work = work;
    }

    @Override
    public boolean advance() {
      MillraceException reason = abandoned;
      try {
        if (reason != null) {
          throw reason;
        }
        result.complete(work.call());
      } catch (Throwable e) {
        result.completeExceptionally(e);
      }
      return false;
    }

    @Override
    public void abandon(MillraceException reason) {
      abandoned = reason;
    }
  }
}
