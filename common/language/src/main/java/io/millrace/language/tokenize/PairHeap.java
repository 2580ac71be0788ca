package io.millrace.language.tokenize;

import java.util.Arrays;

/** A binary heap of places where tokens may merge, the best rank first, then the leftmost. */
final class PairHeap {

  /** Rank above, place below. */
  private long[] keys;

  private int size;

  PairHeap(int capacity) {
    this.keys = new long[capacity];
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** Rank of the first. */
  int rank() {
    return (int) (keys[0] >>> 32);
  }

  /** Place of the first. */
  int left() {
    return (int) keys[0];
  }

  void add(int rank, int left) {
    if (size == keys.length) {
      // By a quarter: a piece may have most of the memory.
      keys = Arrays.copyOf(keys, size + Math.max(8, size >> 2));
    }
    long key = (long) rank << 32 | left;
    int at = size++;
    while (at > 0 && keys[(at - 1) >> 1] > key) {
      keys[at] = keys[(at - 1) >> 1];
      at = (at - 1) >> 1;
    }
    keys[at] = key;
  }

  /** Removes the first. */
  void remove() {
    long key = keys[--size];
    int at = 0;
    int child = 1;
    while (child < size) {
      if (child + 1 < size && keys[child + 1] < keys[child]) {
        child++;
      }
      if (keys[child] >= key) {
        break;
      }
      keys[at] = keys[child];
      at = child;
      child = 2 * at + 1;
    }
    keys[at] = key;
  }
}
