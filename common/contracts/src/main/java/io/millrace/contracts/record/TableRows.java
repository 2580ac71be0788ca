package io.millrace.contracts.record;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import io.millrace.contracts.data.v1.TableRow;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalInt;

/** Writes and reads {@link TableRow} records: a float32, little endian, for each column. */
public final class TableRows {

  private TableRows() {}

  /**
   * A record with its checksum.
   *
   * @param numbers [columns], all finite
   * @param classIndex of the row; empty if its dataset has no classes
   * @throws IllegalArgumentException if there is no number, or one is not finite
   */
  public static TableRow of(
      String dataset,
      long sequenceNumber,
      String documentId,
      float[] numbers,
      OptionalInt classIndex) {
    ByteBuffer bytes =
        ByteBuffer.allocate(numbers.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(numbers);
    ByteString stored = UnsafeByteOperations.unsafeWrap(bytes.array());
    TableRow.Builder row =
        TableRow.newBuilder()
            .setDataset(dataset)
            .setSequenceNumber(sequenceNumber)
            .setDocumentId(documentId)
            .setNumbers(stored)
            .setCrc32C(Checksums.crc32c(stored));
    classIndex.ifPresent(row::setClassIndex);
    String fault = faultOf(stored);
    if (!fault.isEmpty()) {
      throw new IllegalArgumentException(fault);
    }
    return row.build();
  }

  /**
   * Parses a record and checks its checksum and numbers.
   *
   * @throws CorruptRecordException if anything is wrong with it
   */
  public static TableRow parse(byte[] record) {
    TableRow row;
    try {
      row = TableRow.parseFrom(record);
    } catch (InvalidProtocolBufferException e) {
      throw new CorruptRecordException("not a row: " + e.getMessage(), e);
    }
    int crc = Checksums.crc32c(row.getNumbers());
    String fault =
        crc == row.getCrc32C()
            ? faultOf(row.getNumbers())
            : "checksum is %08x, recorded %08x".formatted(crc, row.getCrc32C());
    if (!fault.isEmpty()) {
      throw new CorruptRecordException(
          "row %d of dataset %s: %s".formatted(row.getSequenceNumber(), row.getDataset(), fault));
    }
    return row;
  }

  /** How many numbers it has. */
  public static int columns(TableRow row) {
    return row.getNumbers().size() / Float.BYTES;
  }

  /** Copies the numbers as they are stored (float32 little endian) to the target's position. */
  public static void copyNumbers(TableRow row, ByteBuffer target) {
    row.getNumbers().copyTo(target);
  }

  private static String faultOf(ByteString numbers) {
    if (numbers.isEmpty() || numbers.size() % Float.BYTES != 0) {
      return "%d bytes are not float32 numbers".formatted(numbers.size());
    }
    ByteBuffer bytes = numbers.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; bytes.hasRemaining(); i++) {
      float number = bytes.getFloat();
      if (!Float.isFinite(number)) {
        return "number %d is %s".formatted(i, number);
      }
    }
    return "";
  }
}
