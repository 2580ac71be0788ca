package io.millrace.training.stream;

import java.util.List;

/**
 * How a task reads the records of its dataset.
 *
 * @param <R> a record
 * @param <B> a batch of records, ready to learn from
 */
public interface RecordFormat<R, B> {

  /**
   * Parses and checks a record.
   *
   * @throws io.millrace.contracts.record.CorruptRecordException if it is not what it should be
   */
  R parse(byte[] value);

  /** The record's number in its partition; contiguous. */
  long sequenceNumber(R record);

  /** The dataset that the record says it belongs to. */
  String dataset(R record);

  /**
   * Puts records together, in their order.
   *
   * @throws io.millrace.contracts.record.CorruptRecordException if they do not fit together or the
   *     model
   */
  B assemble(List<R> records);
}
