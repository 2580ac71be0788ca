package io.millrace.training.stream;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Batches that are in memory already: what streaming is measured against. */
public final class MemoryBatchSource<B> implements BatchSource<B> {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final List<Batch<B>> batches;
  private int next;

  private MemoryBatchSource(List<Batch<B>> batches) {
    this.batches = List.copyOf(batches);
  }

  /**
   * The next batches of another source, which is left after them; they come round and round.
   *
   * @throws IllegalStateException if the source has none for a minute
   */
  public static <B> MemoryBatchSource<B> copyOf(BatchSource<B> source, int batches)
      throws InterruptedException {
    List<Batch<B>> copied = new ArrayList<>();
    while (copied.size() < batches) {
      Batch<B> batch = source.poll(TIMEOUT);
      if (batch == null) {
        throw new IllegalStateException("no batch within " + TIMEOUT);
      }
      copied.add(batch);
    }
    return new MemoryBatchSource<>(copied);
  }

  @Override
  public Batch<B> poll(Duration time) {
    Batch<B> batch = batches.get(next);
    next = (next + 1) % batches.size();
    return batch;
  }

  @Override
  public long waitedNanos() {
    return 0;
  }

  @Override
  public void close() {}
}
