package io.millrace.standalone.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A client that keeps asking while models are swapped, and counts what became of every request. One
 * that ends before it is told to counts as a failure too.
 *
 * <p>It pauses between requests: its purpose is to be there at every swap, not to take the cores
 * away from training.
 */
final class SteadyClient implements AutoCloseable {

  private static final int REASONS_KEPT = 5;

  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();
  private final List<String> reasons = new ArrayList<>();
  private volatile boolean ended;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread;

  SteadyClient(String name, Duration pause, Runnable request) {
    this.thread = Thread.ofVirtual().name(name).start(() -> loop(pause, request));
  }

  long requests() {
    return requests.get();
  }

  long failures() {
    return failures.get();
  }

  /** The first reasons of failures. */
  List<String> reasons() {
    synchronized (reasons) {
      return List.copyOf(reasons);
    }
  }

  private void loop(Duration pause, Runnable request) {
    try {
      do {
        requests.incrementAndGet();
        try {
          request.run();
        } catch (RuntimeException e) {
          fail(e instanceof GatewayException ? String.valueOf(e.getMessage()) : e.toString());
        }
      } while (!stop.await(pause.toMillis(), TimeUnit.MILLISECONDS));
      ended = true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void fail(String reason) {
    failures.incrementAndGet();
    synchronized (reasons) {
      if (reasons.size() < REASONS_KEPT) {
        reasons.add(reason);
      }
    }
  }

  /** Lets the request in flight end, then stops. */
  @Override
  public void close() {
    stop.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!ended) {
      fail("the client ended before it was told to");
      ended = true;
    }
  }
}
