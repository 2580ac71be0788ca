package io.millrace.platform.event;

import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.vital.VitalThreads;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.Producer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Publishes what {@link Outbox} holds, batch after batch ({@link OutboxBatch}), as soon as there is
 * something, and tries again for as long as that fails. Several relays may work on a schema.
 */
public final class OutboxRelay implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(OutboxRelay.class);
  private static final Duration IDLE_PAUSE = Duration.ofMillis(500);
  private static final Duration FIRST_RETRY = Duration.ofMillis(200);
  private static final Duration LAST_RETRY = Duration.ofSeconds(10);
  private static final Duration SILENCE = Duration.ofMinutes(3);

  private final OutboxBatch batch;
  private final KafkaClients kafka;
  private final VitalThreads threads;
  private final Semaphore work = new Semaphore(0);
  private volatile boolean running;
  private volatile @Nullable String failure;
  private @Nullable Thread thread;

  OutboxRelay(
      JdbcClient jdbc,
      TransactionTemplate transactions,
      KafkaClients kafka,
      EventCodec codec,
      VitalThreads threads,
      Runnable afterPublish) {
    this.batch = new OutboxBatch(jdbc, transactions, codec, afterPublish);
    this.kafka = kafka;
    this.threads = threads;
  }

  @Override
  public synchronized void start() {
    if (!running) {
      running = true;
      thread = threads.start(Thread.ofVirtual().name("outbox-relay"), SILENCE, this::run);
    }
  }

  /** Stops after the batch in hand; what is left is published at the next start. */
  @Override
  public synchronized void stop() {
    running = false;
    work.release();
    Thread stopping = thread;
    threads.forget(stopping);
    if (stopping != null) {
      try {
        if (!stopping.join(OutboxBatch.TIMEOUT)) {
          stopping.interrupt();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      thread = null;
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** Looks for events now rather than after the usual pause. */
  void wake() {
    work.release();
  }

  /** Why the last attempt failed; null once one succeeded. */
  public @Nullable String failure() {
    return failure;
  }

  private void run() {
    Producer<byte[], byte[]> producer = null;
    Duration retry = FIRST_RETRY;
    try {
      while (running) {
        threads.beat();
        try {
          if (producer == null) {
            producer = kafka.producer("outbox-relay");
          }
          boolean more = batch.publish(producer) == OutboxBatch.SIZE;
          failure = null;
          retry = FIRST_RETRY;
          if (!more) {
            pause(IDLE_PAUSE);
          }
        } catch (RuntimeException | Error e) {
          // Whatever it is, the next try may work, and without one nothing is ever published.
          failure = e.getMessage() == null || e instanceof Error ? e.toString() : kafka.reason(e);
          LOG.warn("outbox: {}; trying again in {} ms", failure, retry.toMillis());
          producer = dropped(producer, e);
          pause(retry);
          Duration next = retry.multipliedBy(2);
          retry = next.compareTo(LAST_RETRY) > 0 ? LAST_RETRY : next;
        }
      }
    } catch (InterruptedException e) {
      LOG.info("outbox relay interrupted, events that are left are published at the next start");
    } finally {
      if (producer != null) {
        // What was not acknowledged is published at the next start.
        producer.close(Duration.ZERO);
      }
    }
  }

  /** A producer whose own thread has died acknowledges nothing any more: the next try makes one. */
  private static @Nullable Producer<byte[], byte[]> dropped(
      @Nullable Producer<byte[], byte[]> producer, Throwable failure) {
    if (producer == null || !(failure.getCause() instanceof TimeoutException)) {
      return producer;
    }
    producer.close(Duration.ZERO);
    return null;
  }

  private void pause(Duration time) throws InterruptedException {
    boolean woken = work.tryAcquire(time.toMillis(), TimeUnit.MILLISECONDS);
    if (woken) {
      work.drainPermits();
    }
  }
}
