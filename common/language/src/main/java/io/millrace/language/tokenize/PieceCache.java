package io.millrace.language.tokenize;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Remembers what short pieces of text were encoded to. For use by any number of threads. */
final class PieceCache {

  private static final int MOST_ENTRIES = 1 << 16;
  private static final int LONGEST_PIECE = 64;

  private final PieceEncoder encoder;
  private final Map<String, int[]> known = new ConcurrentHashMap<>();

  PieceCache(PieceEncoder encoder) {
    this.encoder = encoder;
  }

  /** Token ids of a piece; not to be changed. */
  int[] encode(String piece) {
    if (piece.length() > LONGEST_PIECE) {
      return encoder.encode(piece.getBytes(StandardCharsets.UTF_8));
    }
    int[] ids = known.get(piece);
    if (ids == null) {
      ids = encoder.encode(piece.getBytes(StandardCharsets.UTF_8));
      if (known.size() < MOST_ENTRIES) {
        known.put(piece, ids);
      }
    }
    return ids;
  }
}
