package io.millrace.data.upload;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The bytes of a zip archive on their way, whose end is remembered. A stream of entries does not
 * tell an archive that is cut off between two of them from a whole one; the record that closes an
 * archive (APPNOTE 6.3.10, section 4.3.16) does.
 */
final class ArchiveTail extends FilterInputStream {
  private static final int END_SIGNATURE = 0x06054b50;
  private static final int END_LENGTH = 22;
  private static final int LONGEST_COMMENT = 0xffff;

  /** Stands for more entries than the record can count. */
  private static final int UNCOUNTED = 0xffff;

  private final byte[] ring = new byte[END_LENGTH + LONGEST_COMMENT];
  private int next;
  private long read;

  ArchiveTail(InputStream in) {
    super(in);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int count = in.read(buffer, offset, length);
    for (int i = 0; i < count; i++) {
      ring[next] = buffer[offset + i];
      next = next + 1 == ring.length ? 0 : next + 1;
    }
    read += Math.max(count, 0);
    return count;
  }

  /**
   * Reads on to the end; whether the archive is closed and says that it holds so many entries.
   *
   * @param entries those that were read, directories among them
   */
  boolean closes(int entries) throws IOException {
    byte[] buffer = new byte[1 << 13];
    while (read(buffer, 0, buffer.length) >= 0) {
      continue;
    }
    int length = (int) Math.min(read, ring.length);
    int first = read < ring.length ? 0 : next;
    ByteBuffer tail = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    tail.put(ring, first, length - first).put(ring, 0, first);
    for (int at = length - END_LENGTH; at >= 0; at--) {
      boolean end =
          tail.getInt(at) == END_SIGNATURE
              && (tail.getShort(at + 20) & 0xffff) == length - at - END_LENGTH;
      if (end) {
        int said = tail.getShort(at + 10) & 0xffff;
        return said == UNCOUNTED || said == entries;
      }
    }
    return false;
  }
}
