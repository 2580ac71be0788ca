package io.millrace.data.prepare.pack;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;

/**
 * Best-fit decreasing: the longest piece first, each into the fullest pack that still takes it.
 *
 * <p>Nothing is lost: a document longer than the pack length is cut into pieces. The result depends
 * on the lengths and their order alone. Best-fit decreasing needs at most 11/9 of the fewest packs
 * possible, plus one (Johnson et al., SIAM J. Comput. 3, 1974).
 */
public final class BestFitPacker {

  /** The shortest pack length that makes sense: a piece of one token has no next token to learn. */
  public static final int SHORTEST = 2;

  private static final Comparator<PackPiece> LONGEST_FIRST =
      Comparator.comparingInt(PackPiece::length).reversed();
  private static final Comparator<PackPiece> BY_ARRIVAL =
      Comparator.comparingInt(PackPiece::document).thenComparingInt(PackPiece::from);

  private final int packLength;

  /** A packer for packs of at most this many tokens. */
  public BestFitPacker(int packLength) {
    if (packLength < SHORTEST) {
      throw new IllegalArgumentException(
          "pack length %d is below %d".formatted(packLength, SHORTEST));
    }
    this.packLength = packLength;
  }

  /**
   * Packs a window.
   *
   * @param lengths tokens of every document of the window; an empty document takes no place
   */
  public Packing pack(int[] lengths) {
    List<PackPiece> pieces = new ArrayList<>(lengths.length);
    for (int document = 0; document < lengths.length; document++) {
      cut(document, lengths[document], pieces);
    }
    pieces.sort(LONGEST_FIRST); // stable: equal lengths keep their order of arrival
    OpenPacks open = new OpenPacks(packLength);
    List<List<PackPiece>> packs = new ArrayList<>();
    for (PackPiece piece : pieces) {
      int pack = open.place(piece.length());
      if (pack == packs.size()) {
        packs.add(new ArrayList<>());
      }
      packs.get(pack).add(piece);
    }
    // Back to the order of arrival, so that training does not see long documents first.
    packs.forEach(pack -> pack.sort(BY_ARRIVAL));
    packs.sort(Comparator.comparing(List::getFirst, BY_ARRIVAL));
    return new Packing(packs.stream().map(List::copyOf).map(Pack::new).toList(), packLength);
  }

  private void cut(int document, int length, List<PackPiece> pieces) {
    int from = 0;
    while (length - from > packLength) {
      // A last piece of a single token could teach nothing: leave two for it.
      int cut =
          length - from == packLength + 1 && packLength > SHORTEST ? packLength - 1 : packLength;
      pieces.add(new PackPiece(document, from, cut));
      from += cut;
    }
    if (length > from) {
      pieces.add(new PackPiece(document, from, length - from));
    }
  }

  /**
   * Packs by the room left in them; finding the fullest that fits is a scan over a bit a length.
   */
  private static final class OpenPacks {
    private final List<ArrayDeque<Integer>> byRoom;
    private final BitSet rooms;
    private final int packLength;
    private int count;

    OpenPacks(int packLength) {
      this.packLength = packLength;
      this.rooms = new BitSet(packLength + 1);
      this.byRoom = new ArrayList<>(packLength + 1);
      for (int room = 0; room <= packLength; room++) {
        byRoom.add(new ArrayDeque<>(0));
      }
    }

    /**
     * The pack that takes the length: the fullest possible, the oldest of equals, else a new one.
     */
    int place(int length) {
      int room = rooms.nextSetBit(length);
      int pack;
      if (room < 0) {
        pack = count++;
        room = packLength;
      } else {
        ArrayDeque<Integer> packs = byRoom.get(room);
        pack = packs.removeFirst();
        if (packs.isEmpty()) {
          rooms.clear(room);
        }
      }
      if (room > length) {
        byRoom.get(room - length).addLast(pack);
        rooms.set(room - length);
      }
      return pack;
    }
  }
}
