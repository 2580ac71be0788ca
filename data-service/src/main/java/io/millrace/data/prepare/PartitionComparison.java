package io.millrace.data.prepare;

import io.millrace.contracts.Topics.Split;
import io.millrace.data.log.DatasetTopics;
import io.millrace.data.log.PartitionProgress;
import io.millrace.data.log.ProgressLog;
import io.millrace.data.log.RangeReader;
import io.millrace.data.log.Tally;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.ForeignRecords.Place;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prepares the documents of one partition anew, window by window as the log tells of them, and
 * compares what they become with the records that are there. Where documents become others now,
 * because the dataset takes them in another way since, the numbers of the records decide.
 */
final class PartitionComparison {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionComparison.class);

  /** Foreign records may tell of windows too. */
  private static final int TRIES = 16;

  private final RangeReader reader;
  private final DatasetEntry dataset;
  private final TopicPartition documents;
  private final PartitionProgress last;
  private final WindowProcessor<?> processor;
  private final PreparedLane train;
  private final PreparedLane heldout;
  private final TreeMap<Long, List<PartitionProgress>> told = new TreeMap<>();

  /**
   * A comparison.
   *
   * @param last progress of the partition
   * @param ends of the topics, read before the progress
   */
  PartitionComparison(
      RangeReader reader,
      DatasetEntry dataset,
      DatasetTopics names,
      int partition,
      PartitionProgress last,
      Map<Split, Map<Integer, Long>> ends,
      WindowProcessor<?> processor) {
    this.reader = reader;
    this.dataset = dataset;
    this.documents = new TopicPartition(names.documents(), partition);
    this.last = last;
    this.processor = processor;
    this.train =
        lane(
            new TopicPartition(names.train(), partition),
            Math.max(last.trainEnd(), end(ends, Split.TRAIN, partition)));
    this.heldout =
        lane(
            new TopicPartition(names.heldout(), partition),
            Math.max(last.heldoutEnd(), end(ends, Split.HELDOUT, partition)));
    TopicPartition letters = new TopicPartition(names.deadLetters(), partition);
    lane(letters, reader.end(letters));
    add(last);
  }

  /**
   * Goes through all windows; how many they are.
   *
   * @throws MillraceException FAILED_PRECONDITION if documents or records are gone
   */
  long run() {
    PartitionProgress before = PartitionProgress.NONE.at(reader.begin(documents));
    long windows = 0;
    while (before.nextOffset() < last.nextOffset()) {
      before = next(before);
      windows++;
    }
    return windows;
  }

  /** Records of the preparation. */
  long records() {
    return train.records() + heldout.records();
  }

  /** The other ones. */
  List<Place> foreign() {
    return Stream.concat(train.end().stream(), heldout.end().stream()).toList();
  }

  private PartitionProgress next(PartitionProgress before) {
    List<PartitionProgress> candidates =
        told.tailMap(before.nextOffset(), false).values().stream()
            .flatMap(List::stream)
            .filter(end -> end.nextOffset() <= last.nextOffset())
            .limit(TRIES)
            .toList();
    for (PartitionProgress end : candidates) {
      if (isAsPrepared(before, end)) {
        return end;
      }
    }
    for (PartitionProgress end : candidates) {
      if (isAsNumbered(before, end)) {
        LOG.warn(
            "{} from offset {} to {}: compared by numbers, its documents become other records now",
            documents,
            before.nextOffset(),
            end.nextOffset());
        return end;
      }
    }
    throw MillraceException.precondition(
        "records of %s from offset %d on are gone or were changed, and a log cannot be put right; upload the documents to a new dataset"
            .formatted(documents, before.nextOffset()));
  }

  private boolean isAsPrepared(PartitionProgress before, PartitionProgress end) {
    WindowResult anew = processor.process(new Window(read(before, end), end.nextOffset()), before);
    return anew.after().tally().equals(end.tally())
        && take(
            train.find(anew.train().size(), same(anew.train())),
            heldout.find(anew.heldout().size(), same(anew.heldout())));
  }

  private boolean isAsNumbered(PartitionProgress before, PartitionProgress end) {
    Tally from = before.tally();
    Tally to = end.tally();
    long documentsTold = to.prepared() + to.rejected() - from.prepared() - from.rejected();
    return documentsTold == read(before, end).size()
        && take(
            train.find(Math.toIntExact(to.train() - from.train()), numbered(from.train())),
            heldout.find(Math.toIntExact(to.heldout() - from.heldout()), numbered(from.heldout())));
  }

  private boolean take(PreparedLane.Match trained, PreparedLane.Match held) {
    if (!trained.isWhole() || !held.isWhole()) {
      return false;
    }
    train.take(trained);
    heldout.take(held);
    return true;
  }

  private static PreparedLane.Test same(List<PreparedRecord> records) {
    List<byte[]> values = records.stream().map(record -> record.message().toByteArray()).toList();
    return (index, value) -> Arrays.equals(values.get(index), value);
  }

  private PreparedLane.Test numbered(long first) {
    return (index, value) -> {
      var number = RecordNumber.of(dataset.content(), value);
      return number.isPresent() && number.getAsLong() == first + index;
    };
  }

  private List<ConsumerRecord<byte[], byte[]>> read(
      PartitionProgress before, PartitionProgress end) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    reader.read(documents, before.nextOffset(), end.nextOffset(), records::add);
    return records;
  }

  /** A lane, of which it is noted where windows end. */
  private PreparedLane lane(TopicPartition place, long end) {
    long begin = reader.begin(place);
    reader.read(
        place,
        begin,
        end,
        record -> {
          ProgressLog.told(record).ifPresent(this::add);
          return true;
        });
    return new PreparedLane(reader, place, begin, end);
  }

  private void add(PartitionProgress end) {
    List<PartitionProgress> same =
        told.computeIfAbsent(end.nextOffset(), offset -> new ArrayList<>());
    if (same.stream().noneMatch(one -> one.tally().equals(end.tally()))) {
      same.add(end);
    }
  }

  private static long end(Map<Split, Map<Integer, Long>> ends, Split split, int partition) {
    return ends.getOrDefault(split, Map.of()).getOrDefault(partition, 0L);
  }
}
