package io.millrace.data.prepare;

import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.log.Repeated;
import jakarta.annotation.PreDestroy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * The partitions in which nothing comes, all watched by one thread with one consumer: a worker with
 * a producer and a consumer of its own for each would be three threads, which ask the broker all
 * the time. As soon as something comes, or a partition cannot be watched, its worker is called.
 */
@Component
public final class IdlePartitions implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(IdlePartitions.class);
  private static final Duration POLL = Duration.ofSeconds(5);

  private final Repeated warnings = new Repeated(LOG);
  private final KafkaClients kafka;
  private final Map<TopicPartition, Idle> watched = new HashMap<>();
  private @Nullable Consumer<byte[], byte[]> consumer;
  private @Nullable Thread thread;
  private boolean closed;

  /** Watches nothing yet. */
  public IdlePartitions(KafkaClients kafka) {
    this.kafka = kafka;
  }

  private record Idle(long offset, Runnable whenBusy) {}

  /**
   * Watches a partition until something comes.
   *
   * @param offset of what would come next
   * @param whenBusy called once, by another thread; the partition is not watched any more then
   */
  synchronized void watch(TopicPartition partition, long offset, Runnable whenBusy) {
    watched.put(partition, new Idle(offset, whenBusy));
    changed();
  }

  /** Watches a partition no more. */
  synchronized void forget(TopicPartition partition) {
    if (watched.remove(partition) != null) {
      changed();
    }
  }

  /** How many partitions are watched. */
  synchronized int size() {
    return watched.size();
  }

  @Override
  @PreDestroy
  public void close() throws InterruptedException {
    Thread running;
    synchronized (this) {
      closed = true;
      running = thread;
      changed();
    }
    if (running != null) {
      running.join();
    }
  }

  private void changed() {
    if (thread == null && !closed) {
      thread = Thread.ofPlatform().daemon().name("idle-partitions").start(this::run);
    }
    if (consumer != null) {
      consumer.wakeup();
    }
    notifyAll();
  }

  private void run() {
    while (awaitSome()) {
      try (Consumer<byte[], byte[]> open = kafka.consumer("data-idle")) {
        use(open);
        watchAll(open);
        warnings.over();
        open.close(CloseOptions.timeout(Duration.ZERO));
      } catch (WakeupException e) {
        LOG.trace("closed while it was told of others", e);
      } catch (RuntimeException | Error e) {
        // Errors too: without this thread no partition is ever called again.
        warnings.warn("Cannot watch the idle partitions; their workers look themselves: " + e, e);
        // Not silently: who cannot be watched is looked after.
        busy(all());
      } finally {
        use(/* open= */ null);
      }
    }
  }

  private synchronized void use(@Nullable Consumer<byte[], byte[]> open) {
    consumer = open;
  }

  /** Waits until there is something to watch; false: it never will be. */
  private synchronized boolean awaitSome() {
    while (watched.isEmpty() && !closed) {
      try {
        wait();
      } catch (InterruptedException e) {
        closed = true;
      }
    }
    return !closed;
  }

  private void watchAll(Consumer<byte[], byte[]> open) {
    Map<TopicPartition, Idle> assigned = Map.of();
    while (awaitSome()) {
      Map<TopicPartition, Idle> wanted = all();
      if (!wanted.equals(assigned)) {
        open.assign(wanted.keySet());
        wanted.forEach((partition, idle) -> open.seek(partition, idle.offset()));
        assigned = wanted;
      }
      try {
        Set<TopicPartition> found = new HashSet<>(open.poll(POLL).partitions());
        for (Map.Entry<TopicPartition, Idle> one : wanted.entrySet()) {
          // Past what was aborted, too: a worker notes that it has seen it.
          if (open.position(one.getKey()) != one.getValue().offset()) {
            found.add(one.getKey());
          }
        }
        wanted.keySet().retainAll(found);
        busy(wanted);
      } catch (WakeupException e) {
        LOG.trace("other partitions are idle now", e);
      }
    }
  }

  private synchronized Map<TopicPartition, Idle> all() {
    return new HashMap<>(watched);
  }

  private void busy(Map<TopicPartition, Idle> found) {
    List<Runnable> called = new ArrayList<>();
    synchronized (this) {
      found.forEach((partition, idle) -> {
        if (watched.remove(partition, idle)) {
          called.add(idle.whenBusy());
        }
      });
    }
    called.forEach(Runnable::run);
  }
}
