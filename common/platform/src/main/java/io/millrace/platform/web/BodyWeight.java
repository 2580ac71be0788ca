package io.millrace.platform.web;

/**
 * What the bytes of a body weigh in memory once they are read. A tree of JSON is many times larger
 * than its text: what counts is how many values it has, and each value but a container's first
 * follows a comma.
 */
final class BodyWeight {
  /** A node with its map, table and first entry. */
  private static final int OBJECT = 192;

  /** A node with its list. */
  private static final int ARRAY = 96;

  /** A node and its place in a container. */
  private static final int VALUE = 64;

  /** The text and what is made of it. */
  private static final int BYTE = 2;

  private BodyWeight() {}

  /** Bytes in memory that part of a body comes to. */
  static long of(byte[] body, int offset, int length, boolean json) {
    long weight = (long) BYTE * length;
    for (int at = offset; json && at < offset + length; at++) {
      weight += ofByte(body[at]);
    }
    return weight;
  }

  private static int ofByte(byte letter) {
    return switch (letter) {
      case '{' -> OBJECT;
      case '[' -> ARRAY;
      case ',' -> VALUE;
      default -> 0;
    };
  }
}
