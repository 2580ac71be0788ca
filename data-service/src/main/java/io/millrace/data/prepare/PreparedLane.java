package io.millrace.data.prepare;

import io.millrace.data.log.RangeReader;
import io.millrace.platform.registry.ForeignRecords.Place;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The records of one partition of a prepared topic, compared one after the other with those that
 * their documents become: what lies between them was not written by the preparation.
 */
final class PreparedLane {
  private final RangeReader reader;
  private final TopicPartition place;
  private final long end;
  private final List<Place> foreign = new ArrayList<>();
  private long next;
  private long records;

  /**
   * A lane.
   *
   * @param begin offset of the first record
   * @param end after the last record of the preparation
   */
  PreparedLane(RangeReader reader, TopicPartition place, long begin, long end) {
    this.reader = reader;
    this.place = place;
    this.next = begin;
    this.end = end;
  }

  /** Whether a record is the one of a window at an index, from 0. */
  @FunctionalInterface
  interface Test {
    boolean is(int index, byte @Nullable [] value);
  }

  /**
   * Looks for the records of a window, in their order.
   *
   * @return what was found, to be {@linkplain #take taken}
   */
  Match find(int count, Test test) {
    Match match = new Match(count, test);
    if (count > 0) {
      reader.read(place, next, end, match::add);
    }
    return match;
  }

  /** The records of a window are there; the next window's come after them. */
  void take(Match match) {
    foreign.addAll(match.between);
    records += match.found;
    next = Math.max(next, match.after);
  }

  /** What is left after the last window is not the preparation's either. */
  List<Place> end() {
    reader.read(
        place,
        next,
        end,
        record -> {
          foreign.add(place(record));
          return true;
        });
    next = end;
    return foreign;
  }

  /** Records of the preparation so far. */
  long records() {
    return records;
  }

  @Override
  public String toString() {
    return place.toString();
  }

  private static Place place(ConsumerRecord<byte[], byte[]> record) {
    return new Place(record.topic(), record.partition(), record.offset());
  }

  /** What was found of one window. */
  static final class Match {
    private final int count;
    private final Test test;
    private final List<Place> between = new ArrayList<>();
    private int found;
    private long after;

    private Match(int count, Test test) {
      this.count = count;
      this.test = test;
    }

    /** Whether all of its records are there. */
    boolean isWhole() {
      return found == count;
    }

    private boolean add(ConsumerRecord<byte[], byte[]> record) {
      if (test.is(found, record.value())) {
        found++;
        after = record.offset() + 1;
      } else {
        between.add(place(record));
      }
      return found < count;
    }
  }
}
