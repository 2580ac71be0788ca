package io.millrace.language.tokenize;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How often each pair of neighbouring tokens occurs in a set of words, kept up to date by merges.
 */
final class PairCounts {

  /** A word as tokens, and how often it occurs. */
  static final class Word {
    private int[] tokens;
    private final long count;

    Word(int[] tokens, long count) {
      this.tokens = tokens;
      this.count = count;
    }
  }

  /** A pair with its count when it was put into the heap. */
  record Pair(int left, int right, long count) implements Comparable<Pair> {
    @Override
    public int compareTo(Pair other) {
      int byCount = Long.compare(other.count, count);
      int byLeft = byCount != 0 ? byCount : Integer.compare(left, other.left);
      return byLeft != 0 ? byLeft : Integer.compare(right, other.right);
    }
  }

  private final List<Word> words;
  private final Map<Long, long[]> counts = new HashMap<>();
  private final Map<Long, Set<Integer>> places = new HashMap<>();
  private final PriorityQueue<Pair> heap = new PriorityQueue<>();

  PairCounts(List<Word> words) {
    this.words = words;
    for (int w = 0; w < words.size(); w++) {
      add(w, 1, null);
    }
    counts.forEach((key, count) -> heap.add(pair(key, count[0])));
  }

  /** The most frequent pair, null if no word has two tokens. */
  @Nullable Pair best() {
    for (Pair top = heap.poll(); top != null; top = heap.poll()) {
      long now = count(key(top.left(), top.right()));
      if (now == top.count() && now > 0) {
        return top;
      }
      if (now > 0 && now < top.count()) {
        heap.add(new Pair(top.left(), top.right(), now));
      }
    }
    return null;
  }

  /** Replaces a pair by a token in all words. */
  void merge(Pair pair, int token) {
    Set<Integer> affected = places.remove(key(pair.left(), pair.right()));
    Set<Long> grown = new HashSet<>();
    for (int w : affected == null ? Set.<Integer>of() : affected) {
      add(w, -1, null);
      Word word = words.get(w);
      word.tokens = replaced(word.tokens, pair, token);
      add(w, 1, grown);
    }
    for (long key : grown) {
      heap.add(pair(key, count(key)));
    }
  }

  private void add(int w, int sign, @Nullable Set<Long> grown) {
    Word word = words.get(w);
    for (int i = 0; i + 1 < word.tokens.length; i++) {
      long key = key(word.tokens[i], word.tokens[i + 1]);
      counts.computeIfAbsent(key, unused -> new long[1])[0] += sign * word.count;
      if (sign > 0) {
        places.computeIfAbsent(key, unused -> new HashSet<>()).add(w);
        if (grown != null) {
          grown.add(key);
        }
      }
    }
  }

  private long count(long key) {
    long[] count = counts.get(key);
    return count == null ? 0 : count[0];
  }

  private static int[] replaced(int[] tokens, Pair pair, int token) {
    int[] out = new int[tokens.length];
    int size = 0;
    for (int i = 0; i < tokens.length; i++) {
      boolean here =
          i + 1 < tokens.length && tokens[i] == pair.left() && tokens[i + 1] == pair.right();
      out[size++] = here ? token : tokens[i];
      if (here) {
        i++;
      }
    }
    return Arrays.copyOf(out, size);
  }

  private static long key(int left, int right) {
    return (long) left << 32 | right;
  }

  private static Pair pair(long key, long count) {
    return new Pair((int) (key >>> 32), (int) key, count);
  }
}
