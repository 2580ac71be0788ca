package io.millrace.data.upload;

import java.util.Arrays;
import java.util.BitSet;

/** Which documents of an upload are in the log: a bit and a checksum for each. */
final class AcceptedDocuments {
  private final BitSet accepted = new BitSet();
  private int[] checksums = new int[64];

  void add(UploadMark mark) {
    if (mark.index() >= checksums.length) {
      checksums = Arrays.copyOf(checksums, Math.max(mark.index() + 1, 2 * checksums.length));
    }
    accepted.set(mark.index());
    checksums[mark.index()] = mark.crc32c();
  }

  /** Whether the document at that place was accepted, whatever it was. */
  boolean has(int index) {
    return accepted.get(index);
  }

  /** Whether the document that was accepted at that place is this one. */
  boolean isSame(UploadMark mark) {
    return has(mark.index()) && checksums[mark.index()] == mark.crc32c();
  }
}
