package io.millrace.language.tokenize;

import java.util.Arrays;

/**
 * Pairs of tokens that merge, their rank and result: an open-addressing table without boxed
 * numbers.
 */
final class MergeTable {

  private static final long EMPTY = -1;

  private final long[] keys;
  private final int[] ranks;
  private final int[] results;
  private final int mask;

  MergeTable(int size) {
    int capacity = Integer.highestOneBit(Math.max(8, size * 3)) << 1;
    this.keys = new long[capacity];
    this.ranks = new int[capacity];
    this.results = new int[capacity];
    this.mask = capacity - 1;
    Arrays.fill(keys, EMPTY);
  }

  /** Adds a merge; of a pair that is put twice the last rank counts, as in Hugging Face. */
  void put(int left, int right, int rank, int result) {
    int slot = slot(left, right);
    keys[slot] = key(left, right);
    ranks[slot] = rank;
    results[slot] = result;
  }

  /** Rank of a pair, {@link Integer#MAX_VALUE} if it does not merge. */
  int rank(int left, int right) {
    int slot = slot(left, right);
    return keys[slot] == EMPTY ? Integer.MAX_VALUE : ranks[slot];
  }

  /** What a pair that merges becomes. */
  int result(int left, int right) {
    return results[slot(left, right)];
  }

  private int slot(int left, int right) {
    long key = key(left, right);
    long hash = key * 0x9E3779B97F4A7C15L;
    int slot = (int) (hash >>> 32) & mask;
    while (keys[slot] != EMPTY && keys[slot] != key) {
      slot = slot + 1 & mask;
    }
    return slot;
  }

  private static long key(int left, int right) {
    return (long) left << 32 | right;
  }
}
