package io.millrace.language.tokenize;

import java.util.Arrays;

/** Applies merges to the bytes of one piece, the best rank first, the leftmost of equal ones. */
final class PieceEncoder {

  private static final int SHORT = 48;

  /** Rank of what does not merge. */
  private static final int NONE = Integer.MAX_VALUE;

  private final int[] byteTokens;
  private final MergeTable merges;

  /**
   * @param byteTokens token of each byte
   */
  PieceEncoder(int[] byteTokens, MergeTable merges) {
    this.byteTokens = byteTokens.clone();
    this.merges = merges;
  }

  /**
   * The encoder of a tokenizer.
   *
   * @throws InvalidTokenizerException if the vocabulary lacks a byte, or what a merge needs
   */
  static PieceEncoder of(TokenizerSpec spec) {
    return new PieceEncoder(byteTokens(spec), mergeTable(spec));
  }

  private static int[] byteTokens(TokenizerSpec spec) {
    int[] tokens = new int[256];
    for (int b = 0; b < tokens.length; b++) {
      String letter = String.valueOf(ByteAlphabet.letter(b));
      Integer id = spec.vocabulary().get(letter);
      if (id == null) {
        throw new InvalidTokenizerException(
            "model.vocab lacks '%s', the token of byte 0x%02x: it is not byte-level"
                .formatted(letter, b));
      }
      tokens[b] = id;
    }
    return tokens;
  }

  private static MergeTable mergeTable(TokenizerSpec spec) {
    MergeTable table = new MergeTable(spec.merges().size());
    int rank = 0;
    for (TokenizerSpec.Merge merge : spec.merges()) {
      table.put(
          id(spec, merge.left()),
          id(spec, merge.right()),
          rank++,
          id(spec, merge.left() + merge.right()));
    }
    return table;
  }

  private static int id(TokenizerSpec spec, String token) {
    Integer id = spec.vocabulary().get(token);
    if (id == null) {
      throw new InvalidTokenizerException(
          "a merge in model.merges needs '" + token + "', which is not in model.vocab");
    }
    return id;
  }

  int[] encode(byte[] piece) {
    int[] tokens = new int[piece.length];
    for (int i = 0; i < piece.length; i++) {
      tokens[i] = byteTokens[piece[i] & 0xff];
    }
    return tokens.length <= SHORT ? encodeShort(tokens) : encodeLong(tokens);
  }

  /**
   * Looks for the best pair again after every merge: quadratic, and the fastest for a word.
   *
   * @param tokens one for each byte; overwritten
   */
  int[] encodeShort(int[] tokens) {
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

  /**
   * A heap of pairs over a linked list: n log n, and 16 bytes for a byte of a piece of any length.
   *
   * @param tokens one for each byte; overwritten
   */
  int[] encodeLong(int[] tokens) {
    int count = tokens.length;
    // A token lies where its first byte is. Where its last byte is, if that is another place, lies
    // the complement of the first: so the token before can be found.
    int[] next = new int[count];
    int pairs = 0;
    for (int i = 0; i < count; i++) {
      next[i] = i + 1;
      pairs += i + 1 < count && merges.rank(tokens[i], tokens[i + 1]) != NONE ? 1 : 0;
    }
    PairHeap heap = new PairHeap(pairs + 8);
    for (int i = 0; i + 1 < count; i++) {
      offer(heap, tokens, next, i);
    }
    while (!heap.isEmpty()) {
      int rank = heap.rank();
      int left = heap.left();
      heap.remove();
      int right = tokens[left] < 0 ? count : next[left];
      // A pair has one rank: another one means that this pair has been merged meanwhile.
      if (right >= count || merges.rank(tokens[left], tokens[right]) != rank) {
        continue;
      }
      int end = next[right];
      tokens[left] = merges.result(tokens[left], tokens[right]);
      tokens[right] = ~left;
      tokens[end - 1] = ~left;
      next[left] = end;
      if (left > 0) {
        offer(heap, tokens, next, tokens[left - 1] < 0 ? ~tokens[left - 1] : left - 1);
      }
      offer(heap, tokens, next, left);
    }
    int size = 0;
    for (int i = 0; i < count; i = next[i]) {
      // What is overwritten has been read.
      tokens[size++] = tokens[i];
    }
    return Arrays.copyOf(tokens, size);
  }

  private void offer(PairHeap heap, int[] tokens, int[] next, int left) {
    int right = next[left];
    if (right < tokens.length) {
      int rank = merges.rank(tokens[left], tokens[right]);
      if (rank != NONE) {
        heap.add(rank, left);
      }
    }
  }
}
