package io.millrace.language.tokenize;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The bytes that each token of a vocabulary stands for, by its id. */
final class Spellings {

  /** Spelling of an id that no token has: this very array. */
  private static final byte[] HOLE = new byte[0];

  private final byte[][] byId;

  private Spellings(byte[][] byId) {
    this.byId = byId;
  }

  /** Of the model's tokens and those that are added. */
  static Spellings of(TokenizerSpec spec) {
    List<byte[]> found = new ArrayList<>();
    spec.vocabulary().forEach((token, id) -> set(found, id, bytes(token)));
    spec.added()
        .forEach(token -> set(found, token.id(), token.content().getBytes(StandardCharsets.UTF_8)));
    return new Spellings(found.toArray(byte[][]::new));
  }

  private static void set(List<byte[]> list, int id, byte[] spelling) {
    while (list.size() <= id) {
      list.add(HOLE);
    }
    list.set(id, spelling);
  }

  /** The bytes that a token is spelt for; a letter outside of the alphabet stands for itself. */
  private static byte[] bytes(String token) {
    byte[] bytes = new byte[token.length()];
    for (int i = 0; i < bytes.length; i++) {
      int unsigned = ByteAlphabet.unsigned(token.charAt(i));
      if (unsigned < 0) {
        return token.getBytes(StandardCharsets.UTF_8);
      }
      bytes[i] = (byte) unsigned;
    }
    return bytes;
  }

  /** Number of ids; all of them are below it. */
  int size() {
    return byId.length;
  }

  boolean isToken(int id) {
    return id >= 0 && id < byId.length && byId[id] != HOLE;
  }

  /**
   * Checks an id.
   *
   * @throws IllegalArgumentException if it is no token's
   */
  void requireToken(int id) {
    if (!isToken(id)) {
      throw outside(id);
    }
  }

  /**
   * Bytes of a token; none of a hole.
   *
   * @throws IllegalArgumentException if the id is not in the vocabulary
   */
  byte[] get(int id) {
    if (id < 0 || id >= byId.length) {
      throw outside(id);
    }
    return byId[id];
  }

  /** Bytes of the longest token, at least 1. */
  int longest() {
    int bytes = 1;
    for (byte[] spelling : byId) {
      bytes = Math.max(bytes, spelling.length);
    }
    return bytes;
  }

  private IllegalArgumentException outside(int id) {
    return new IllegalArgumentException(
        "token " + id + " is not in the vocabulary of " + byId.length);
  }
}
