package io.millrace.contracts.record;

import java.nio.charset.StandardCharsets;

/**
 * The header of prepared records of a dataset in which a later document of an id takes the place of
 * an earlier one: the offset of the record's document in its partition, by which it can be told
 * which records are of one document, and which of two documents is the later one.
 */
public final class DocumentHeader {

  /** Its name. */
  public static final String NAME = "millrace-document";

  private DocumentHeader() {}

  /** The value for an offset: its digits. */
  public static byte[] value(long offset) {
    return Long.toString(offset).getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * The offset in a value.
   *
   * @throws CorruptRecordException if it is none
   */
  public static long offset(byte[] value) {
    String digits = new String(value, StandardCharsets.US_ASCII);
    try {
      return Long.parseUnsignedLong(digits);
    } catch (NumberFormatException e) {
      throw new CorruptRecordException(
          "header %s is '%s', not an offset".formatted(NAME, digits), e);
    }
  }
}
