package io.millrace.platform.store.s3;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import software.amazon.awssdk.core.sync.RequestBody;

/**
 * A part of a file, which can be read again from its beginning: a request may be sent twice.
 *
 * @param file that has it
 * @param offset of its first byte
 * @param length in bytes
 */
record FileRange(Path file, long offset, long length) {
  private static final String BYTES = "application/octet-stream";

  /** Its bytes; the caller closes the stream. */
  InputStream open() throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    channel.position(offset);
    return new Limited(channel, length);
  }

  /** Its bytes as the body of a request. */
  RequestBody body() {
    return RequestBody.fromContentProvider(
        () -> {
          try {
            return open();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        },
        length,
        BYTES);
  }

  String md5() throws IOException {
    try (InputStream in = open()) {
      return Digests.md5(in);
    }
  }

  /** The bytes of a channel from its position on, up to a number. */
  private static final class Limited extends InputStream {
    private final FileChannel channel;
    private final InputStream in;
    private long left;

    Limited(FileChannel channel, long left) {
      this.channel = channel;
      this.in = Channels.newInputStream(channel);
      this.left = left;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (left == 0) {
        return -1;
      }
      int read = in.read(bytes, offset, (int) Math.min(length, left));
      left -= Math.max(read, 0);
      return read;
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
