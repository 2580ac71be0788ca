package io.millrace.language.generate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.millrace.language.model.Chance;
import io.millrace.language.model.Decoder;
import io.millrace.language.model.Said;
import io.millrace.tensor.engine.TensorEngine;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The caches of all sequences of a model as rows of one tensor, a row a token, so that a device
 * reads those of a step in one operation. Grows with what is asked for. While nobody has rows it
 * keeps little memory or none: a step that a device has recorded is of one tensor.
 *
 * <p>Any number of threads may use it, each of other sequences.
 */
final class CachePool implements AutoCloseable {

  private final Decoder decoder;
  private final NDManager manager;
  private final long keptBytes;

  /** Held to write while rows are given and moved, to read while kernels use them. */
  private final ReadWriteLock lock = new ReentrantReadWriteLock();

  /** First rows of what is free, and how many; no two of them are neighbours. */
  private final NavigableMap<Integer, Integer> free = new TreeMap<>();

  private @Nullable NDArray rows; // [L, N, W]
  private int size;

  /**
   * Holds nothing yet.
   *
   * @param keptBytes a pool of no more is kept when nobody has rows
   */
  CachePool(TensorEngine engine, Decoder decoder, long keptBytes) {
    this.decoder = decoder;
    this.keptBytes = keptBytes;
    this.manager = engine.newManager();
  }

  /**
   * Takes neighbouring rows, the first that are free; the pool at least doubles where there are
   * none.
   *
   * @return the first of them
   */
  int take(int count) {
    lock.writeLock().lock();
    try {
      int first = firstFree(count);
      if (first < 0) {
        grow(Math.max(count, size));
        first = firstFree(count);
      }
      int found = Objects.requireNonNull(free.remove(first));
      if (found > count) {
        free.put(first + count, found - count);
      }
      return first;
    } finally {
      lock.writeLock().unlock();
    }
  }

  private int firstFree(int count) {
    return free.entrySet().stream()
        .filter(range -> range.getValue() >= count)
        .mapToInt(Map.Entry::getKey)
        .findFirst()
        .orElse(-1);
  }

  private void grow(int more) {
    NDArray before = rows;
    if (before == null) {
      rows = decoder.newPool(manager, more);
    } else {
      rows = decoder.grownPool(manager, before, more);
      before.close();
    }
    release(size, more);
    size += more;
  }

  /** Gives rows back that were taken. */
  void giveBack(int first, int count) {
    lock.writeLock().lock();
    try {
      release(first, count);
      NDArray held = rows;
      Map.Entry<Integer, Integer> widest = free.firstEntry();
      boolean unused = widest != null && widest.getValue() == size;
      if (held != null && unused && bytes(held) > keptBytes) {
        held.close();
        rows = null;
        free.clear();
        size = 0;
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  private static long bytes(NDArray rows) {
    return rows.size() * rows.getDataType().getNumOfBytes();
  }

  private void release(int first, int count) {
    int begin = first;
    int end = first + count;
    Map.Entry<Integer, Integer> before = free.floorEntry(first);
    if (before != null && before.getKey() + before.getValue() == first) {
      begin = before.getKey();
    }
    Integer after = free.remove(end);
    free.put(begin, end - begin + (after == null ? 0 : after));
  }

  /** Logits [V] after a prompt, whose rows begin at {@code first}. */
  float[] prefill(int first, int... prompt) {
    return read(held -> {
      try (NDManager scratch = manager.newSubManager()) {
        return decoder.prefillPooled(scratch, scratch.create(prompt), held, first).toFloatArray();
      }
    });
  }

  /**
   * What is said after a token of each of several sequences.
   *
   * @param firsts at which their rows begin
   * @param chance how the next ones are chosen; without it logits are given
   */
  Said decode(long[] tokens, long[] positions, long[] firsts, @Nullable Chance chance) {
    return read(held -> decoder.decodePooled(tokens, positions, firsts, held, chance));
  }

  private <T> T read(Function<NDArray, T> kernel) {
    lock.readLock().lock();
    try {
      NDArray held = rows;
      if (held == null) {
        throw new IllegalStateException("no rows of the pool are taken");
      }
      return kernel.apply(held);
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Rows that it has memory for. */
  int size() {
    lock.readLock().lock();
    try {
      return size;
    } finally {
      lock.readLock().unlock();
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
