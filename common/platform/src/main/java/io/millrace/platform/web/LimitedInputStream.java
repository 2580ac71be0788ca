package io.millrace.platform.web;

import io.millrace.platform.error.ErrorWriter;
import io.millrace.platform.error.MillraceException;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/**
 * A body that ends with PAYLOAD_TOO_LARGE once more bytes than the limit have been read, or when it
 * finds no more memory.
 */
final class LimitedInputStream extends ServletInputStream {
  private final ServletInputStream in;
  private final DataSize limit;
  private final BodyMemory.@Nullable Share memory;
  private final boolean json;
  private long read;

  /**
   * A body.
   *
   * @param memory where it is read to; null if its reader keeps little of it
   * @param json whether it is read as a tree
   */
  LimitedInputStream(
      ServletInputStream in, DataSize limit, BodyMemory.@Nullable Share memory, boolean json) {
    this.in = in;
    this.limit = limit;
    this.memory = memory;
    this.json = json;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    int count = read(one, 0, 1);
    return count < 0 ? count : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int count = in.read(buffer, offset, length);
    if (count > 0) {
      count(buffer, offset, count);
    }
    return count;
  }

  @Override
  public boolean isFinished() {
    return in.isFinished();
  }

  @Override
  public boolean isReady() {
    return in.isReady();
  }

  @Override
  public void setReadListener(ReadListener listener) {
    in.setReadListener(listener);
  }

  /**
   * Counts what was read.
   *
   * @throws MillraceException PAYLOAD_TOO_LARGE or OVERLOADED
   */
  private void count(byte[] buffer, int offset, int length) {
    read += length;
    if (read > limit.toBytes()) {
      throw ErrorWriter.tooLarge(limit);
    }
    if (memory != null) {
      memory.take(BodyWeight.of(buffer, offset, length, json));
    }
  }
}
