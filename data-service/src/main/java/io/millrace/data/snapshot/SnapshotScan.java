package io.millrace.data.snapshot;

import io.millrace.contracts.Topics.Split;
import io.millrace.contracts.record.CorruptRecordException;
import io.millrace.contracts.record.PackedSequences;
import io.millrace.contracts.record.Samples;
import io.millrace.contracts.record.SnapshotDigest;
import io.millrace.contracts.record.TableRows;
import io.millrace.data.log.RangeReader;
import io.millrace.data.prepare.ReplacedDocuments.Replaced;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.ForeignRecords.Place;
import io.millrace.platform.registry.SnapshotEntry.Range;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.LongPredicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Reads the records of ranges once: counts them, checks them and takes their digest. */
final class SnapshotScan {
  private final RangeReader reader;
  private final Content content;
  private final SnapshotDigest digest = new SnapshotDigest();
  private final LabelCounts labels;
  private final Set<Place> foreign;

  /**
   * A scan.
   *
   * @param foreign records that do not count, as no preparation wrote them
   */
  SnapshotScan(RangeReader reader, Content content, Set<Place> foreign) {
    this.reader = reader;
    this.content = content;
    this.foreign = foreign;
    this.labels = new LabelCounts(content.classes());
  }

  /**
   * Reads a range and adds it to the digest.
   *
   * @param split that the topic holds
   * @param leftOut records that do not count, in the order of their numbers
   * @return the range with its number of records; several where records were left out
   * @throws CorruptRecordException if a record is damaged or missing
   */
  List<Range> ranges(
      Split split, String topic, int partition, long begin, long end, List<Replaced> leftOut) {
    digest.range(topic, partition);
    TopicPartition place = new TopicPartition(topic, partition);
    Ranges ranges = new Ranges(split, place, begin, leftOut);
    reader.read(place, begin, end, ranges::add);
    return ranges.end(end);
  }

  /** The examples of each class so far. */
  LabelCounts labels() {
    return labels;
  }

  /** The digest of all ranges; ends it. */
  String sha256() {
    return digest.hex();
  }

  /** The number of a record, which is added to the digest if it counts. */
  private long number(Split split, ConsumerRecord<byte[], byte[]> record, LongPredicate counts) {
    return switch (content) {
      case Content.Text text -> {
        var sequence = PackedSequences.parse(record.value());
        if (counts.test(sequence.getSequenceNumber())) {
          digest.record(record.offset(), sequence);
          sequence.getLabelsList().forEach(label -> labels.add(split, label));
        }
        yield sequence.getSequenceNumber();
      }
      case Content.Pictures pictures -> {
        var sample = Samples.parse(record.value());
        if (counts.test(sample.getSequenceNumber())) {
          digest.record(record.offset(), sample);
          label(split, sample.hasClassIndex(), sample.getClassIndex());
        }
        yield sample.getSequenceNumber();
      }
      case Content.Rows rows -> {
        var row = TableRows.parse(record.value());
        if (counts.test(row.getSequenceNumber())) {
          digest.record(record.offset(), row);
          label(split, row.hasClassIndex(), row.getClassIndex());
        }
        yield row.getSequenceNumber();
      }
    };
  }

  private void label(Split split, boolean labelled, int label) {
    if (labelled) {
      labels.add(split, label);
    } else {
      labels.addUnlabelled();
    }
  }

  /** Records of one partition, whose numbers have no gap. */
  private final class Ranges {
    private final Split split;
    private final TopicPartition place;
    private final Iterator<Replaced> leftOut;
    private final List<Range> ranges = new ArrayList<>();
    private @Nullable Replaced next;
    private long begin;
    private long expected = -1;
    private long records;

    Ranges(Split split, TopicPartition place, long begin, List<Replaced> leftOut) {
      this.split = split;
      this.place = place;
      this.begin = begin;
      this.leftOut = leftOut.iterator();
      this.next = this.leftOut.hasNext() ? this.leftOut.next() : null;
    }

    boolean add(ConsumerRecord<byte[], byte[]> record) {
      if (foreign.contains(new Place(place.topic(), place.partition(), record.offset()))) {
        close(record.offset());
        begin = record.offset() + 1;
        return true;
      }
      long number = numberOf(record);
      if (expected >= 0 && number != expected) {
        throw new CorruptRecordException(
            "%s@%d has sequence number %d, expected %d: records are missing, or this one is foreign"
                .formatted(place, record.offset(), number, expected));
      }
      expected = number + 1;
      if (isLeftOut(number)) {
        close(record.offset());
        begin = record.offset() + 1;
      } else {
        records++;
      }
      return true;
    }

    private long numberOf(ConsumerRecord<byte[], byte[]> record) {
      try {
        if (record.value() == null) {
          throw new CorruptRecordException("it has no value");
        }
        return number(split, record, this::counts);
      } catch (CorruptRecordException e) {
        throw new CorruptRecordException(
            "%s@%d: %s".formatted(place, record.offset(), e.getMessage()), e);
      }
    }

    List<Range> end(long end) {
      if (records > 0 || ranges.isEmpty()) {
        ranges.add(new Range(place.topic(), place.partition(), Math.min(begin, end), end, records));
      }
      return ranges;
    }

    private void close(long end) {
      if (records > 0) {
        ranges.add(new Range(place.topic(), place.partition(), begin, end, records));
        records = 0;
      }
    }

    private boolean counts(long number) {
      if (isLeftOut(number)) {
        return false;
      }
      if (records == 0 && !ranges.isEmpty()) {
        digest.range(place.topic(), place.partition());
      }
      return true;
    }

    /** To be asked with numbers that do not go back. */
    private boolean isLeftOut(long number) {
      while (next != null && number >= next.first() + next.records()) {
        next = leftOut.hasNext() ? leftOut.next() : null;
      }
      return next != null && number >= next.first();
    }
  }
}
