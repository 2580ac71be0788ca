package io.millrace.standalone.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A client that keeps asking while models are swapped, and counts what became of every request.
 *
 * <p>It pauses between requests: its purpose is to be there at every swap, not to take the cores
 * away from training.
 */
final class SteadyClient implements AutoCloseable {

  private static final int REASONS_KEPT = 5;

  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();
  private final List<String> reasons = new ArrayList<>();
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
        } catch (GatewayException e) {
          failures.incrementAndGet();
          synchronized (reasons) {
            if (reasons.size() < REASONS_KEPT) {
              reasons.add(String.valueOf(e.getMessage()));
            }
          }
        }
      } while (!stop.await(pause.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
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
  }
}
