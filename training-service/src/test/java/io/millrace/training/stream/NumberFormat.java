package io.millrace.training.stream;

import io.millrace.contracts.data.v1.PackedSequence;
import io.millrace.contracts.record.PackedSequences;
import java.util.List;

/**
 * Batches that are lists of {@code partition * 1000 + sequence number}; the partition is the first
 * token.
 */
class NumberFormat implements RecordFormat<PackedSequence, List<Integer>> {
  static byte[] record(int partition, long number) {
    return PackedSequences.of("numbers", number, new int[] {partition, 1}, new int[] {0, 2})
        .toByteArray();
  }

  @Override
  public PackedSequence parse(byte[] value) {
    return PackedSequences.parse(value);
  }

  @Override
  public long sequenceNumber(PackedSequence record) {
    return record.getSequenceNumber();
  }

  @Override
  public String dataset(PackedSequence record) {
    return record.getDataset();
  }

  @Override
  public List<Integer> assemble(List<PackedSequence> records) {
    return records.stream().map(NumberFormat::number).toList();
  }

  static int number(PackedSequence record) {
    return PackedSequences.tokenIds(record)[0] * 1000 + (int) record.getSequenceNumber();
  }
}
