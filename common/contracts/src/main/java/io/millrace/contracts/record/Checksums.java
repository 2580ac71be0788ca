package io.millrace.contracts.record;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** CRC-32C (Castagnoli) over the payload bytes of a record. */
final class Checksums {

  private Checksums() {}

  /** The checksum of all parts as one string of bytes, as an unsigned 32-bit number in an int. */
  static int crc32c(ByteString... parts) {
    CRC32C crc = new CRC32C();
    for (ByteString part : parts) {
      for (ByteBuffer buffer : part.asReadOnlyByteBufferList()) {
        crc.update(buffer);
      }
    }
    return (int) crc.getValue();
  }
}
