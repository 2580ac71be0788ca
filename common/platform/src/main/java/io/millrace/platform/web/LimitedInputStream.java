package io.millrace.platform.web;

import io.millrace.platform.error.ErrorWriter;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;
import org.springframework.util.unit.DataSize;

/** Throws PAYLOAD_TOO_LARGE once more bytes than the limit have been read. */
final class LimitedInputStream extends ServletInputStream {
  private final ServletInputStream in;
  private final DataSize limit;
  private long read;

  LimitedInputStream(ServletInputStream in, DataSize limit) {
    this.in = in;
    this.limit = limit;
  }

  @Override
  public int read() throws IOException {
    int value = in.read();
    count(value < 0 ? 0 : 1);
    return value;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int count = in.read(buffer, offset, length);
    count(Math.max(count, 0));
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

  private void count(int bytes) {
    read += bytes;
    if (read > limit.toBytes()) {
      throw ErrorWriter.tooLarge(limit);
    }
  }
}
