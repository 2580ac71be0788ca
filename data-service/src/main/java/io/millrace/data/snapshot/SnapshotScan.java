package io.millrace.data.snapshot;

import io.millrace.contracts.record.CorruptRecordException;
import io.millrace.contracts.record.PackedSequences;
import io.millrace.contracts.record.Samples;
import io.millrace.contracts.record.SnapshotDigest;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.SnapshotEntry.Range;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** Reads the records of ranges once: counts them, checks them and takes their digest. */
final class SnapshotScan {
  private static final Duration POLL = Duration.ofMillis(50);
  private static final int EMPTY_POLLS = 600;

  private final KafkaClients kafka;
  private final String dataset;
  private final Content content;
  private final SnapshotDigest digest = new SnapshotDigest();

  SnapshotScan(KafkaClients kafka, String dataset, Content content) {
    this.kafka = kafka;
    this.dataset = dataset;
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
    Consumer<byte[], byte[]> consumer = kafka.consumer("data-snapshot-" + dataset);
    try {
      return read(consumer, new TopicPartition(topic, partition), begin, end);
    } finally {
      consumer.close(CloseOptions.timeout(Duration.ZERO));
    }
  }

  private Range read(
      Consumer<byte[], byte[]> consumer, TopicPartition place, long begin, long end) {
    consumer.assign(List.of(place));
    consumer.seek(place, begin);
    long records = 0;
    long expected = -1;
    int empty = 0;
    for (long position = begin; position < end; ) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        if (record.offset() >= end) {
          break;
        }
        long number = add(record);
        if (expected >= 0 && number != expected) {
          throw new CorruptRecordException(
              "%s@%d has sequence number %d, expected %d: records are missing"
                  .formatted(place, record.offset(), number, expected));
        }
        expected = number + 1;
        records++;
      }
      long now = consumer.position(place);
      empty = now == position ? empty + 1 : 0;
      if (empty == EMPTY_POLLS) {
        throw new KafkaException("%s cannot be read beyond offset %d".formatted(place, now));
      }
      position = now;
    }
    return new Range(place.topic(), place.partition(), begin, end, records);
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
}
