package io.millrace.data.prepare;

import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.IntakePolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The workers of one dataset, one for each partition, each started anew after a failure, and after
 * a rest.
 */
final class PartitionWorkers {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionWorkers.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LAST_PAUSE = Duration.ofSeconds(15);
  private static final Duration HEALTHY = Duration.ofSeconds(30);

  private final String dataset;
  private final Instant createdAt;
  private final IntakePolicy intake;
  private final Factory factory;
  private final IdlePartitions idle;
  private final Function<Throwable, String> reasons;
  private final String topic;
  private final Map<Integer, Thread> threads = new ConcurrentSkipListMap<>();
  private final Set<Integer> resting = new HashSet<>();
  private final List<PartitionWorker> running = new CopyOnWriteArrayList<>();
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Map<Integer, String> failures = new ConcurrentSkipListMap<>();

  /** Makes workers. */
  @FunctionalInterface
  interface Factory {
    /**
     * One of a partition.
     *
     * @param onCaughtUp told whenever it has prepared all that it read
     */
    PartitionWorker of(int partition, Runnable onCaughtUp);
  }

  private PartitionWorkers(
      DatasetEntry dataset,
      String topic,
      Factory factory,
      IdlePartitions idle,
      Function<Throwable, String> reasons) {
    this.dataset = dataset.name();
    this.createdAt = dataset.createdAt();
    this.intake = dataset.intake();
    this.topic = topic;
    this.factory = factory;
    this.idle = idle;
    this.reasons = reasons;
  }

  /**
   * Starts a worker for every partition.
   *
   * @param topic of the documents
   * @param reasons what a failure means to those who run the service
   */
  static PartitionWorkers start(
      DatasetEntry dataset,
      String topic,
      int partitions,
      Factory factory,
      IdlePartitions idle,
      Function<Throwable, String> reasons) {
    PartitionWorkers workers = new PartitionWorkers(dataset, topic, factory, idle, reasons);
    IntStream.range(0, partitions).forEach(workers::begin);
    return workers;
  }

  private synchronized void begin(int partition) {
    resting.remove(partition);
    if (!stopped()) {
      // Not virtual: tokenising and decoding would keep the carriers from the callers.
      threads.put(
          partition,
          Thread.ofPlatform()
              .daemon()
              .name("prepare-" + dataset + "-" + partition)
              .start(() -> keepRunning(partition)));
    }
  }

  private synchronized void rest(int partition, long offset) {
    if (!stopped()) {
      threads.remove(partition);
      idle.watch(new TopicPartition(topic, partition), offset, () -> begin(partition));
      resting.add(partition);
    }
  }

  /** Whether this dataset is prepared as it is now, and not one of the same name before it. */
  boolean prepares(DatasetEntry other) {
    return dataset.equals(other.name())
        && createdAt.equals(other.createdAt())
        && intake.equals(other.intake());
  }

  /** The failure of the first partition that has not recovered yet; null if all is well. */
  @Nullable String failure() {
    return failures.values().stream().findFirst().orElse(null);
  }

  /** Whether a worker has ended for good, so that all should be started anew after a while. */
  boolean broken() {
    return stopped() || threads.values().stream().anyMatch(thread -> !thread.isAlive());
  }

  /** Asks all workers to end after the window in hand; does not wait. */
  synchronized void requestStop() {
    stop.countDown();
    resting.forEach(partition -> idle.forget(new TopicPartition(topic, partition)));
    running.forEach(PartitionWorker::stop);
  }

  /** Waits for the end of all workers; whoever takes longer is interrupted. */
  void awaitStopped(Duration timeout) throws InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    for (Thread thread : threads.values()) {
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
        OptionalLong rests = runOnce(partition);
        if (rests.isPresent()) {
          rest(partition, rests.getAsLong());
          return;
        }
      } catch (Throwable e) { // Errors too: a thread that is gone prepares nothing any more.
        if (stopped() || Thread.interrupted()) {
          return;
        }
        if (isFenced(e)) {
          // Not to be tried again at once: two processes would fence each other forever.
          LOG.warn("Another process prepares {} partition {}", dataset, partition);
          failures.put(partition, "another process took over partition " + partition);
          requestStop();
          return;
        }
        failures.put(partition, "partition " + partition + ": " + reasons.apply(e));
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

  private OptionalLong runOnce(int partition) {
    PartitionWorker worker = factory.of(partition, () -> failures.remove(partition));
    running.add(worker);
    try {
      if (!stopped()) {
        worker.run();
      }
      return worker.restsAt();
    } finally {
      running.remove(worker);
    }
  }
}
