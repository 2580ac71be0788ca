package io.millrace.training.stream;

import io.millrace.contracts.record.CorruptRecordException;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.registry.SnapshotEntry.Range;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/**
 * Batches of a snapshot, read and decoded ahead by a thread of its own.
 *
 * <p>A batch is always full: the last records of an epoch and the first of the next share one.
 */
public final class KafkaBatchSource<R, B> implements BatchSource<B> {
  private static final Duration POLL = Duration.ofMillis(500);
  private static final int PERMIT_BYTES = 1024;

  private final RecordStream<R> stream;
  private final RecordFormat<R, B> format;
  private final int batchSize;
  private final BlockingQueue<Ready<B>> ready;
  private final int permits;
  private final Semaphore room;
  private final Thread thread;
  private volatile @Nullable Throwable failure;
  private volatile boolean closed;
  private long waited;

  /**
   * Starts reading.
   *
   * @param start where to begin, from {@link StreamPosition#start} or a checkpoint
   * @param batchSize records in a batch
   * @param prefetch batches to hold ready, at most
   * @param most size of their records, at most; one batch may be larger
   * @throws StreamException if the position does not fit the ranges, or they cannot be read
   */
  public KafkaBatchSource(
      KafkaClients kafka,
      String dataset,
      List<Range> ranges,
      StreamPosition start,
      RecordFormat<R, B> format,
      int batchSize,
      int prefetch,
      DataSize most) {
    this.format = format;
    this.batchSize = batchSize;
    this.ready = new ArrayBlockingQueue<>(prefetch);
    this.permits = Math.toIntExact(Math.max(1, most.toBytes() / PERMIT_BYTES));
    this.room = new Semaphore(permits);
    this.stream = new RecordStream<>(kafka, dataset, ranges, start, format, 2 * batchSize);
    // Not a virtual one: scaling pictures would keep others, such as heartbeats, from their turn.
    this.thread = Thread.ofPlatform().daemon().name("prefetch-" + dataset).start(this::read);
  }

  @Override
  public @Nullable Batch<B> poll(Duration time) throws InterruptedException {
    Ready<B> next = ready.poll();
    if (next == null) {
      long began = System.nanoTime();
      next = await(began + time.toNanos());
      waited += System.nanoTime() - began;
    }
    if (next == null) {
      return null;
    }
    room.release(next.permits);
    return next.batch;
  }

  private @Nullable Ready<B> await(long deadline) throws InterruptedException {
    // In short turns, because a failure comes without a batch.
    for (long left = deadline - System.nanoTime(); left > 0; left = deadline - System.nanoTime()) {
      Ready<B> next = ready.poll(Math.min(left, 20_000_000), TimeUnit.NANOSECONDS);
      Throwable failed = failure;
      if (next == null && failed != null) {
        // What was read before the failure comes first.
        next = ready.poll();
        if (next == null) {
          throw failed instanceof StreamException gone ? gone : new PrefetchException(failed);
        }
      }
      if (next != null) {
        return next;
      }
    }
    return null;
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
      long bytes = 0;
      while (!closed) {
        R record = stream.next(POLL);
        if (record == null) {
          continue;
        }
        records.add(record);
        if (records.size() == batchSize) {
          put(records, stream.bytes() - bytes);
          bytes = stream.bytes();
          records.clear();
        }
      }
    } catch (Throwable e) {
      // Whatever it is, the thread that learns must hear of it, or it waits forever.
      failure = e;
    }
  }

  private void put(List<R> records, long bytes) throws InterruptedException {
    int size = (int) Math.clamp(bytes / PERMIT_BYTES, 1, permits);
    boolean acquired = false;
    while (!acquired && !closed) {
      acquired = room.tryAcquire(size, POLL.toMillis(), TimeUnit.MILLISECONDS);
    }
    Ready<B> next = new Ready<>(new Batch<>(assemble(records), stream.position()), size);
    boolean put = false;
    while (!put && !closed) {
      put = ready.offer(next, POLL.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private B assemble(List<R> records) {
    try {
      return format.assemble(records);
    } catch (CorruptRecordException e) {
      throw new StreamException(e.getMessage() + "; before " + stream.position(), e);
    }
  }

  private record Ready<B>(Batch<B> batch, int permits) {}
}
