package io.millrace.platform.web;

import io.millrace.platform.error.ErrorWriter;
import io.millrace.platform.error.MillraceException;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/**
 * A body that ends with PAYLOAD_TOO_LARGE once more bytes than the limit have been read, when it
 * finds no more memory, comes too slowly, or is JSON with a text that is none.
 */
final class LimitedInputStream extends ServletInputStream {
  private final ServletInputStream in;
  private final DataSize limit;
  private final BodyMemory.@Nullable Share memory;
  private final @Nullable SurrogateCheck texts;
  private final boolean json;
  private final long announced;
  private final BodyPace pace;
  private final Runnable ended;
  private long read;

  /**
   * A body.
   *
   * @param memory where it is read to; null if its reader keeps little of it
   * @param json whether it is read as a tree
   * @param announced its length; negative: not known
   * @param pace how fast it must come
   * @param ended called when all of it has come
   */
  LimitedInputStream(
      ServletInputStream in,
      DataSize limit,
      BodyMemory.@Nullable Share memory,
      boolean json,
      long announced,
      BodyPace pace,
      Runnable ended) {
    this.in = in;
    this.limit = limit;
    this.memory = memory;
    this.json = json;
    this.texts = json && memory != null ? new SurrogateCheck() : null;
    this.announced = announced;
    this.pace = pace;
    this.ended = ended;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    int count = read(one, 0, 1);
    return count < 0 ? count : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int count = pace.timed(() -> in.read(buffer, offset, length));
    if (count > 0) {
      count(buffer, offset, count);
    }
    if (count < 0 || read == announced) {
      ended.run();
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
   * @throws MillraceException PAYLOAD_TOO_LARGE, OVERLOADED or INVALID_ARGUMENT
   */
  private void count(byte[] buffer, int offset, int length) {
    read += length;
    if (read > limit.toBytes()) {
      throw ErrorWriter.tooLarge(limit);
    }
    if (memory != null) {
      memory.take(BodyWeight.of(buffer, offset, length, json));
    }
    if (texts != null) {
      texts.check(buffer, offset, length);
    }
  }
}
