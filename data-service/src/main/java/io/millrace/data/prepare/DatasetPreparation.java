package io.millrace.data.prepare;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The preparers of one dataset, one a partition, each started anew after a failure. */
final class DatasetPreparation {
  private static final Logger LOG = LoggerFactory.getLogger(DatasetPreparation.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LAST_PAUSE = Duration.ofSeconds(15);
  private static final Duration HEALTHY = Duration.ofSeconds(30);

  private final String dataset;
  private final IntFunction<Preparer> preparers;
  private final List<Thread> threads;
  private final List<Preparer> running = new CopyOnWriteArrayList<>();
  private final CountDownLatch stop = new CountDownLatch(1);
  private volatile @Nullable String failure;

  private DatasetPreparation(String dataset, int partitions, IntFunction<Preparer> preparers) {
    this.dataset = dataset;
    this.preparers = preparers;
    this.threads =
        IntStream.range(0, partitions)
            .mapToObj(partition ->
                Thread.ofVirtual()
                    .name("prepare-" + dataset + "-" + partition)
                    .unstarted(() -> keepRunning(partition)))
            .toList();
  }

  /** Starts a preparer for every partition. */
  static DatasetPreparation start(String dataset, int partitions, IntFunction<Preparer> preparers) {
    DatasetPreparation preparation = new DatasetPreparation(dataset, partitions, preparers);
    preparation.threads.forEach(Thread::start);
    return preparation;
  }

  /** The last failure of a preparer that has not recovered yet; null if all is well. */
  @Nullable String failure() {
    return failure;
  }

  /** Whether a preparer has ended for good, so that all should be started anew after a while. */
  boolean broken() {
    return stopped() || threads.stream().anyMatch(thread -> !thread.isAlive());
  }

  /** Asks all preparers to end after the window in hand; does not wait. */
  void requestStop() {
    stop.countDown();
    running.forEach(Preparer::stop);
  }

  /** Waits for the end of all preparers; whoever takes longer is interrupted. */
  void awaitStopped(Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    for (Thread thread : threads) {
      long left = Math.max(1, deadline - System.nanoTime());
      if (!thread.join(Duration.ofNanos(left))) {
        thread.interrupt();
        thread.join();
      }
    }
  }

  private boolean stopped() {
    return stop.getCount() == 0;
  }

  private void keepRunning(int partition) {
    Duration pause = FIRST_PAUSE;
    while (!stopped()) {
      long start = System.nanoTime();
      try {
        runOnce(partition);
      } catch (Exception e) {
        if (stopped() || Thread.interrupted()) {
          return;
        }
        if (isFenced(e)) {
          // Not to be tried again at once: two processes would fence each other for ever.
          LOG.warn("Another process prepares {} partition {}", dataset, partition);
          failure = "another process took over partition " + partition;
          requestStop();
          return;
        }
        failure = e.toString();
        if (System.nanoTime() - start > HEALTHY.toNanos()) {
          pause = FIRST_PAUSE;
        }
        LOG.error(
            "Preparation of {} partition {} failed; going on from the last committed window in {}",
            dataset,
            partition,
            pause,
            e);
        try {
          if (stop.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
            return;
          }
        } catch (InterruptedException interrupted) {
          return;
        }
        Duration next = pause.multipliedBy(3);
        pause = next.compareTo(LAST_PAUSE) > 0 ? LAST_PAUSE : next;
      }
    }
  }

  private static boolean isFenced(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof ProducerFencedException
          || cause instanceof InvalidProducerEpochException) {
        return true;
      }
    }
    return false;
  }

  private void runOnce(int partition) {
    Preparer preparer = preparers.apply(partition);
    running.add(preparer);
    try {
      if (!stopped()) {
        preparer.run();
      }
    } finally {
      running.remove(preparer);
    }
  }

  /** To be called when a preparer got somewhere. */
  void recovered() {
    failure = null;
  }
}
