package io.millrace.data.prepare.pack;

import java.util.BitSet;
import java.util.List;

/**
 * Pieces that become one sequence, without padding.
 *
 * @param pieces in order of arrival
 */
public record Pack(List<PackPiece> pieces) {

  /** The number of tokens. */
  public int length() {
    return pieces.stream().mapToInt(PackPiece::length).sum();
  }

  /** Cumulative lengths of the pieces, [pieces + 1], from 0 to {@link #length()}. */
  public int[] documentStarts() {
    int[] starts = new int[pieces.size() + 1];
    for (int i = 0; i < pieces.size(); i++) {
      starts[i + 1] = starts[i] + pieces.get(i).length();
    }
    return starts;
  }

  /**
   * The tokens of the pieces one after another, [{@link #length()}].
   *
   * @param documents the window's documents, as they were packed
   */
  public int[] tokens(List<int[]> documents) {
    int[] tokens = new int[length()];
    int at = 0;
    for (PackPiece piece : pieces) {
      System.arraycopy(documents.get(piece.document()), piece.from(), tokens, at, piece.length());
      at += piece.length();
    }
    return tokens;
  }

  /**
   * Marks of tokens, at the places where the pieces put them.
   *
   * @param documents marks of each of the window's documents, as they were packed
   */
  public BitSet marks(List<BitSet> documents) {
    BitSet marks = new BitSet(length());
    int at = 0;
    for (PackPiece piece : pieces) {
      BitSet document = documents.get(piece.document());
      for (int i = document.nextSetBit(piece.from());
          i >= 0 && i < piece.from() + piece.length();
          i = document.nextSetBit(i + 1)) {
        marks.set(at + i - piece.from());
      }
      at += piece.length();
    }
    return marks;
  }
}
