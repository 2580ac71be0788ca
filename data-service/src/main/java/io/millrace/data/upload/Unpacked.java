package io.millrace.data.upload;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStream;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.springframework.util.unit.DataSize;

/**
 * What a packed stream holds. Security: a few packed bytes can become very many, so that unpacked
 * bytes are counted and not read beyond a limit.
 */
final class Unpacked extends FilterInputStream {
  /** Encodings of bodies that are read. */
  static final String ENCODINGS = "gzip, zstd or none";

  private final DataSize limit;
  private long left;

  private Unpacked(InputStream in, DataSize limit) {
    super(in);
    this.limit = limit;
    this.left = limit.toBytes();
  }

  /**
   * A body under a Content-Encoding.
   *
   * @throws MillraceException UNSUPPORTED_MEDIA_TYPE for another than {@link #ENCODINGS}
   */
  static InputStream body(InputStream in, String encoding, DataSize limit) {
    return switch (encoding.strip().toLowerCase(Locale.ROOT)) {
      case "", "identity" -> in;
      case "gzip", "x-gzip" -> open(in, GZIPInputStream::new, limit);
      case "zstd" -> open(in, ZstdInputStream::new, limit);
      default ->
          throw new MillraceException(
              ErrorCode.UNSUPPORTED_MEDIA_TYPE,
              "content encoding '%s' is not read; send %s".formatted(encoding, ENCODINGS));
    };
  }

  /** A file, unpacked if its name ends in .gz or .zst. */
  static InputStream file(InputStream in, String name, DataSize limit) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".gz")
        ? body(in, "gzip", limit)
        : lower.endsWith(".zst") ? body(in, "zstd", limit) : in;
  }

  /** The name without the ending that says how a file is packed. */
  static String nameOf(String packed) {
    String lower = packed.toLowerCase(Locale.ROOT);
    int ending = lower.endsWith(".gz") ? 3 : lower.endsWith(".zst") ? 4 : 0;
    return packed.substring(0, packed.length() - ending);
  }

  /** What another unpacker gives, within the limit. */
  static InputStream within(InputStream unpacking, DataSize limit) {
    return new Unpacked(unpacking, limit);
  }

  private static InputStream open(InputStream in, Unpacker unpacker, DataSize limit) {
    try {
      return new Unpacked(unpacker.open(in), limit);
    } catch (IOException e) {
      throw damaged(e);
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int count;
    try {
      count = in.read(buffer, offset, length);
    } catch (ZipException | EOFException | ZstdIOException e) {
      throw damaged(e);
    }
    left -= Math.max(count, 0);
    if (left < 0) {
      throw new MillraceException(
          ErrorCode.PAYLOAD_TOO_LARGE,
          "unpacked it has more than %d bytes; send it in parts".formatted(limit.toBytes()));
    }
    return count;
  }

  private static MillraceException damaged(IOException reason) {
    return new MillraceException(
        ErrorCode.INVALID_ARGUMENT,
        "it cannot be unpacked: "
            + (reason.getMessage() == null ? "it ends early" : reason.getMessage()),
        reason);
  }

  /** Begins to unpack a stream. */
  @FunctionalInterface
  private interface Unpacker {
    InputStream open(InputStream in) throws IOException;
  }
}
