package io.millrace.training.stream;

import io.millrace.contracts.record.CorruptRecordException;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.registry.SnapshotEntry.Range;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Batches of a snapshot, read and decoded ahead by a thread of its own.
 *
 * <p>A batch is always full: the last records of an epoch and the first of the next share one.
 */
public final class KafkaBatchSource<R, B> implements BatchSource<B> {
  private static final Duration POLL = Duration.ofMillis(500);

  private final RecordStream<R> stream;
  private final RecordFormat<R, B> format;
  private final int batchSize;
  private final BlockingQueue<Batch<B>> ready;
  private final Thread thread;
  private volatile @Nullable RuntimeException failure;
  private volatile boolean closed;
  private long waited;

  /**
   * Starts reading.
   *
   * @param start where to begin, from {@link StreamPosition#start} or a checkpoint
   * @param batchSize records in a batch
   * @param prefetch batches to hold ready
   * @throws StreamException if the position does not fit the ranges, or they cannot be read
   */
  public KafkaBatchSource(
      KafkaClients kafka,
      String dataset,
      List<Range> ranges,
      StreamPosition start,
      RecordFormat<R, B> format,
      int batchSize,
      int prefetch) {
    this.format = format;
    this.batchSize = batchSize;
    this.ready = new ArrayBlockingQueue<>(prefetch);
    this.stream = new RecordStream<>(kafka, dataset, ranges, start, format, 2 * batchSize);
    this.thread = Thread.ofVirtual().name("prefetch-" + dataset).start(this::read);
  }

  @Override
  public @Nullable Batch<B> poll(Duration time) throws InterruptedException {
    Batch<B> batch = ready.poll();
    if (batch != null) {
      return batch;
    }
    long began = System.nanoTime();
    long deadline = began + time.toNanos();
    try {
      // In short turns, because a failure comes without a batch.
      for (long left = time.toNanos(); left > 0; left = deadline - System.nanoTime()) {
        batch = ready.poll(Math.min(left, 20_000_000), TimeUnit.NANOSECONDS);
        RuntimeException failed = failure;
        if (batch == null && failed != null) {
          // What was read before the failure comes first.
          batch = ready.poll();
          if (batch == null) {
            throw failed;
          }
        }
        if (batch != null) {
          return batch;
        }
      }
      return null;
    } finally {
      waited += System.nanoTime() - began;
    }
  }

  @Override
  public long waitedNanos() {
    return waited;
  }

  @Override
  public void close() {
    closed = true;
    // The thread may wait for a record or for room in the queue.
    stream.wakeUp();
    ready.clear();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void read() {
    try (stream) {
      List<R> records = new ArrayList<>(batchSize);
      while (!closed) {
        R record = stream.next(POLL);
        if (record == null) {
          continue;
        }
        records.add(record);
        if (records.size() == batchSize) {
          put(new Batch<>(assemble(records), stream.position()));
          records.clear();
        }
      }
    } catch (InterruptedException e) {
      failure = new IllegalStateException("nobody may interrupt the prefetch thread", e);
    } catch (RuntimeException e) {
      failure = e;
    }
  }

  private void put(Batch<B> batch) throws InterruptedException {
    boolean put = false;
    while (!put && !closed) {
      put = ready.offer(batch, POLL.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private B assemble(List<R> records) {
    try {
      return format.assemble(records);
    } catch (CorruptRecordException e) {
      throw new StreamException(e.getMessage() + "; before " + stream.position(), e);
    }
  }
}
