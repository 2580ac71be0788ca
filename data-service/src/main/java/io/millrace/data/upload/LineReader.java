package io.millrace.data.upload;

import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Reads lines as bytes and never holds more of a line than the limit. */
final class LineReader {
  private final InputStream in;
  private final int limit;
  private final byte[] buffer = new byte[1 << 16];
  private int from;
  private int to;
  private long number;

  /**
   * A reader.
   *
   * @param limit longest line in bytes, without its end
   */
  LineReader(InputStream in, int limit) {
    this.in = in;
    this.limit = limit;
  }

  /** Number of the line read last, from 1. */
  long number() {
    return number;
  }

  /**
   * The next line without its end; null after the last one.
   *
   * @throws MillraceException PAYLOAD_TOO_LARGE as soon as a line is longer than the limit
   */
  byte @Nullable [] next() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    if (from == to && !fill()) {
      return null;
    }
    number++;
    do {
      int end = from;
      while (end < to && buffer[end] != '\n') {
        end++;
      }
      if (line.size() + (end - from) > limit + 1L) {
        throw tooLong();
      }
      line.write(buffer, from, end - from);
      from = end;
      if (end < to) {
        from++;
        return withoutReturn(line.toByteArray());
      }
    } while (fill());
    return withoutReturn(line.toByteArray());
  }

  private byte[] withoutReturn(byte[] line) {
    int length = line.length > 0 && line[line.length - 1] == '\r' ? line.length - 1 : line.length;
    if (length > limit) {
      throw tooLong();
    }
    return length == line.length ? line : java.util.Arrays.copyOf(line, length);
  }

  private boolean fill() throws IOException {
    from = 0;
    to = Math.max(0, in.read(buffer));
    return to > 0;
  }

  private MillraceException tooLong() {
    return new MillraceException(
        ErrorCode.PAYLOAD_TOO_LARGE,
        "line %d is longer than the limit of %d bytes; split the document"
            .formatted(number, limit));
  }
}
