package io.millrace.contracts.record;

import com.google.protobuf.MessageLite;
import io.millrace.contracts.data.v1.PackedSequence;
import io.millrace.contracts.data.v1.Sample;
import io.millrace.contracts.data.v1.TableRow;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The digest of a snapshot: SHA-256 over its ranges in order, each as its topic (UTF-8 length,
 * bytes) and partition, then for each record its offset, its sequence number, its own CRC-32C and
 * the CRC-32C of what that one leaves out: the message without token ids and mask, without pixels,
 * or without a row's numbers. All numbers are big endian, 8 bytes for offsets and sequence numbers,
 * 4 for the others.
 *
 * <p>Whoever reads the ranges again can tell whether they still hold what was sealed.
 */
public final class SnapshotDigest {
  private final MessageDigest sha256;
  private final ByteBuffer numbers = ByteBuffer.allocate(24);

  /** A digest of nothing so far. */
  public SnapshotDigest() {
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Begins the next range. */
  public void range(String topic, int partition) {
    byte[] name = topic.getBytes(StandardCharsets.UTF_8);
    update(numbers.clear().putInt(name.length));
    sha256.update(name);
    update(numbers.clear().putInt(partition));
  }

  /** Adds the next record of the range. */
  public void record(long offset, PackedSequence sequence) {
    PackedSequence rest = sequence.toBuilder().clearTokenIds().clearLossMask().build();
    record(offset, sequence.getSequenceNumber(), sequence.getCrc32C(), rest);
  }

  /** Adds the next record of the range. */
  public void record(long offset, Sample sample) {
    Sample rest = sample.toBuilder().clearRgb().build();
    record(offset, sample.getSequenceNumber(), sample.getCrc32C(), rest);
  }

  /** Adds the next record of the range. */
  public void record(long offset, TableRow row) {
    TableRow rest = row.toBuilder().clearNumbers().build();
    record(offset, row.getSequenceNumber(), row.getCrc32C(), rest);
  }

  /** The digest, hexadecimal. Ends it. */
  public String hex() {
    return HexFormat.of().formatHex(sha256.digest());
  }

  private void record(long offset, long sequenceNumber, int crc32c, MessageLite rest) {
    update(
        numbers
            .clear()
            .putLong(offset)
            .putLong(sequenceNumber)
            .putInt(crc32c)
            .putInt(Checksums.crc32c(rest.toByteString())));
  }

  private void update(ByteBuffer written) {
    sha256.update(written.flip());
  }
}
