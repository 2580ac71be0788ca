package io.millrace.training.stream;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Batches in an order that depends on the snapshot, the batch size and the starting position alone.
 *
 * <p>For one thread. The position to save is that of the last batch learned, {@link Batch#after},
 * not of what a source may have read ahead.
 */
public interface BatchSource<B> extends AutoCloseable {

  /**
   * The next batch; null if there is none within the time. It never ends: after the last record
   * comes the first.
   *
   * @throws StreamException if the stream cannot be read on, ever
   * @throws PrefetchException if reading ended for another reason
   */
  @Nullable Batch<B> poll(Duration time) throws InterruptedException;

  /** Time in nanoseconds for which {@link #poll} has waited, in all. */
  long waitedNanos();

  @Override
  void close();
}
