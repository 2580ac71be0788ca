package io.millrace.data.snapshot;

import io.millrace.contracts.record.CorruptRecordException;
import io.millrace.contracts.record.PackedSequences;
import io.millrace.contracts.record.Samples;
import io.millrace.contracts.record.SnapshotDigest;
import io.millrace.data.log.RangeReader;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.SnapshotEntry.Range;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** Reads the records of ranges once: counts them, checks them and takes their digest. */
final class SnapshotScan {
  private final RangeReader reader;
  private final Content content;
  private final SnapshotDigest digest = new SnapshotDigest();

  SnapshotScan(RangeReader reader, Content content) {
    this.reader = reader;
    this.content = content;
  }

  /**
   * Reads a range and adds it to the digest.
   *
   * @return the range with its number of records
   * @throws CorruptRecordException if a record is damaged or missing
   */
  Range range(String topic, int partition, long begin, long end) {
    digest.range(topic, partition);
    TopicPartition place = new TopicPartition(topic, partition);
    Sequence sequence = new Sequence(place);
    reader.read(place, begin, end, sequence::add);
    return new Range(topic, partition, begin, end, sequence.records);
  }

  /** The digest of all ranges; ends it. */
  String sha256() {
    return digest.hex();
  }

  private long add(ConsumerRecord<byte[], byte[]> record) {
    return switch (content) {
      case Content.Text text -> {
        var sequence = PackedSequences.parse(record.value());
        digest.record(record.offset(), sequence);
        yield sequence.getSequenceNumber();
      }
      case Content.Pictures pictures -> {
        var sample = Samples.parse(record.value());
        digest.record(record.offset(), sample);
        yield sample.getSequenceNumber();
      }
    };
  }

  /** Records of one range, whose numbers have no gap. */
  private final class Sequence {
    private final TopicPartition place;
    private long expected = -1;
    private long records;

    Sequence(TopicPartition place) {
      this.place = place;
    }

    boolean add(ConsumerRecord<byte[], byte[]> record) {
      long number = SnapshotScan.this.add(record);
      if (expected >= 0 && number != expected) {
        throw new CorruptRecordException(
            "%s@%d has sequence number %d, expected %d: records are missing"
                .formatted(place, record.offset(), number, expected));
      }
      expected = number + 1;
      records++;
      return true;
    }
  }
}
