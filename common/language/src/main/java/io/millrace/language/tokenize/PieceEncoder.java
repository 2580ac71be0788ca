package io.millrace.language.tokenize;

import java.util.Arrays;
import java.util.PriorityQueue;

/** Applies merges to the bytes of one piece, the best rank first, the leftmost of equal ones. */
final class PieceEncoder {

  private static final int SHORT = 48;

  private final int[] byteTokens;
  private final MergeTable merges;

  /**
   * @param byteTokens token of each byte
   */
  PieceEncoder(int[] byteTokens, MergeTable merges) {
    this.byteTokens = byteTokens.clone();
    this.merges = merges;
  }

  int[] encode(byte[] piece) {
    int[] tokens = new int[piece.length];
    for (int i = 0; i < piece.length; i++) {
      tokens[i] = byteTokens[piece[i] & 0xff];
    }
    return tokens.length <= SHORT ? encodeShort(tokens) : encodeLong(tokens);
  }

  /** Looks for the best pair again after every merge: quadratic, and the fastest for a word. */
  private int[] encodeShort(int[] tokens) {
    int count = tokens.length;
    while (true) {
      int best = Integer.MAX_VALUE;
      int at = -1;
      for (int i = 0; i + 1 < count; i++) {
        int rank = merges.rank(tokens[i], tokens[i + 1]);
        if (rank < best) {
          best = rank;
          at = i;
        }
      }
      if (at < 0) {
        return count == tokens.length ? tokens : Arrays.copyOf(tokens, count);
      }
      tokens[at] = merges.result(tokens[at], tokens[at + 1]);
      System.arraycopy(tokens, at + 2, tokens, at + 1, count - at - 2);
      count--;
    }
  }

  private record Candidate(int rank, int left, int right, int leftToken, int rightToken)
      implements Comparable<Candidate> {
    @Override
    public int compareTo(Candidate other) {
      return rank != other.rank
          ? Integer.compare(rank, other.rank)
          : Integer.compare(left, other.left);
    }
  }

  /** A heap over a linked list: n log n, for a piece of any length. */
  private int[] encodeLong(int[] tokens) {
    int count = tokens.length;
    int[] next = new int[count];
    int[] previous = new int[count];
    PriorityQueue<Candidate> heap = new PriorityQueue<>();
    for (int i = 0; i < count; i++) {
      previous[i] = i - 1;
      next[i] = i + 1 < count ? i + 1 : -1;
      offer(heap, tokens, i, next[i]);
    }
    for (Candidate c = heap.poll(); c != null; c = heap.poll()) {
      boolean stale =
          tokens[c.left()] != c.leftToken()
              || next[c.left()] != c.right()
              || tokens[c.right()] != c.rightToken();
      if (stale) {
        continue;
      }
      tokens[c.left()] = merges.result(c.leftToken(), c.rightToken());
      tokens[c.right()] = -1;
      next[c.left()] = next[c.right()];
      if (next[c.left()] >= 0) {
        previous[next[c.left()]] = c.left();
      }
      offer(heap, tokens, previous[c.left()], c.left());
      offer(heap, tokens, c.left(), next[c.left()]);
    }
    return Arrays.stream(tokens).filter(token -> token >= 0).toArray();
  }

  private void offer(PriorityQueue<Candidate> heap, int[] tokens, int left, int right) {
    if (left >= 0 && right >= 0) {
      int rank = merges.rank(tokens[left], tokens[right]);
      if (rank != Integer.MAX_VALUE) {
        heap.add(new Candidate(rank, left, right, tokens[left], tokens[right]));
      }
    }
  }
}
