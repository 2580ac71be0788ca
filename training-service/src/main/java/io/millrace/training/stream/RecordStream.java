package io.millrace.training.stream;

import io.millrace.contracts.record.CorruptRecordException;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.log.Repeated;
import io.millrace.platform.registry.SnapshotEntry.Range;
import io.millrace.platform.trace.SpanLinks;
import io.millrace.training.stream.StreamPosition.LanePosition;
import io.opentelemetry.api.trace.Span;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The records of a snapshot's ranges, round and round: one of each partition in turn, those that
 * are at their end left out until all are.
 *
 * <p>Drops a record whose sequence number was there before in its range (a repetition). Any other
 * number than the next is a gap and ends the stream. Waits forever for a cluster that does not
 * answer, or does not let it read any more; topics or offsets that are gone end the stream. The
 * span that it was made in is tied to the traces in which its records were prepared. For one
 * thread.
 */
final class RecordStream<R> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RecordStream.class);

  private static final Duration RETRY = Duration.ofMillis(200);

  private final Repeated silence = new Repeated(LOG);
  private final KafkaClients kafka;
  private final String dataset;
  private final RecordFormat<R, ?> format;
  private final int ahead;
  private final List<Lane> lanes;
  private final LanePosition[] positions;
  private final SpanLinks origins = new SpanLinks(Span.current());
  private long epoch;
  private int turn;
  private long bytes;
  private Duration timeout = Duration.ZERO;
  private long silentSince = System.nanoTime();
  private volatile @Nullable Client client;

  /**
   * Starts at a position, whether the cluster answers now or not.
   *
   * @param ahead records of each partition to hold ready
   * @throws StreamException if the position is not one of these ranges, or they cannot be read
   */
  RecordStream(
      KafkaClients kafka,
      String dataset,
      List<Range> ranges,
      StreamPosition start,
      RecordFormat<R, ?> format,
      int ahead) {
    this.kafka = kafka;
    this.dataset = dataset;
    this.format = format;
    this.ahead = ahead;
    this.lanes = Lane.of(ranges);
    this.positions = start.lanes().toArray(LanePosition[]::new);
    this.epoch = start.epoch();
    this.turn = start.turn();
    requireFit(start);
    try {
      connect();
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * What reads the log.
   *
   * @param readers one a lane
   */
  private record Client(
      Consumer<byte[], byte[]> consumer, LogProbe probe, List<LaneReader> readers) {}

  /** Null: no client can be made now, as while no broker's name can be looked up. */
  private @Nullable Client connect() {
    Consumer<byte[], byte[]> consumer;
    try {
      consumer = kafka.consumer("training-" + dataset);
    } catch (RetriableException e) {
      silence.warn("cannot read dataset '" + dataset + "' now, waiting: " + kafka.reason(e));
      return null;
    }
    Client made =
        new Client(consumer, new LogProbe(dataset, lanes, kafka, consumer), new ArrayList<>());
    client = made;
    consumer.assign(
        lanes.stream().map(lane -> new TopicPartition(lane.topic(), lane.partition())).toList());
    for (int i = 0; i < lanes.size(); i++) {
      made.readers().add(new LaneReader(lanes.get(i), positions[i], consumer, ahead));
    }
    timeout = made.probe().ask();
    return made;
  }

  /** How often all records have been read. */
  long epoch() {
    return epoch;
  }

  /** Size of all records that {@link #next} returned, as they are in the log. */
  long bytes() {
    return bytes;
  }

  /** Where the stream resumes after the record that {@link #next} returned last. */
  StreamPosition position() {
    return new StreamPosition(epoch, turn, List.of(positions));
  }

  /**
   * The next record; null if it does not come within the time, or the consumer was woken up.
   *
   * @throws StreamException if it will never come
   */
  @Nullable R next(Duration time) {
    long deadline = System.nanoTime() + time.toNanos();
    while (true) {
      Client open = client == null ? connect() : client;
      if (open == null) {
        LockSupport.parkNanos(Math.min(RETRY.toNanos(), time.toNanos()));
        return null;
      }
      settleTurn();
      LaneReader reader = open.readers().get(turn);
      if (reader.hasNext()) {
        R record = take(reader.next());
        if (record != null) {
          return record;
        }
      } else {
        long left = deadline - System.nanoTime();
        if (left <= 0 || !fetch(open, Duration.ofNanos(left))) {
          return null;
        }
      }
    }
  }

  /** Makes a waiting {@link #next} return; the one method for other threads. */
  void wakeUp() {
    Client open = client;
    if (open != null) {
      open.consumer().wakeup();
    }
  }

  @Override
  public void close() {
    Client open = client;
    if (open != null) {
      // It has nothing to tell a cluster, which may not answer.
      open.consumer().close(CloseOptions.timeout(Duration.ZERO));
    }
  }

  /** Moves the turn to a lane that has records left in this epoch, or begins the next epoch. */
  private void settleTurn() {
    for (int i = 0; i < lanes.size(); i++) {
      int candidate = (turn + i) % lanes.size();
      if (!lanes.get(candidate).isDone(positions[candidate])) {
        turn = candidate;
        return;
      }
    }
    epoch++;
    turn = 0;
    for (int i = 0; i < positions.length; i++) {
      positions[i] = lanes.get(i).start();
    }
  }

  private @Nullable R take(ConsumerRecord<byte[], byte[]> raw) {
    R record = parse(raw);
    LanePosition position = positions[turn];
    long number = format.sequenceNumber(record);
    long expected = position.sequenceNumber();
    boolean repeated = expected >= 0 && number < expected;
    if (expected >= 0 && number > expected) {
      throw new StreamException(
          "%s lacks records: offset %d has sequence number %d, expected %d"
              .formatted(lanes.get(turn), raw.offset(), number, expected));
    }
    positions[turn] =
        lanes.get(turn).after(position, raw.offset(), repeated ? expected : number + 1);
    if (repeated) {
      LOG.warn("skipped {}@{}: a repetition of number {}", lanes.get(turn), raw.offset(), number);
      return null;
    }
    origins.add(raw);
    turn = (turn + 1) % lanes.size();
    bytes += raw.value().length;
    return record;
  }

  private R parse(ConsumerRecord<byte[], byte[]> raw) {
    byte[] value = raw.value();
    try {
      if (value == null) {
        throw new CorruptRecordException("no value");
      }
      R record = format.parse(value);
      if (!format.dataset(record).equals(dataset)) {
        throw new CorruptRecordException(
            "of dataset '%s', expected '%s'".formatted(format.dataset(record), dataset));
      }
      return record;
    } catch (CorruptRecordException e) {
      throw new StreamException(
          "%s-%d@%d is corrupt: %s"
              .formatted(raw.topic(), raw.partition(), raw.offset(), e.getMessage()),
          e);
    }
  }

  private boolean fetch(Client open, Duration time) {
    try {
      ConsumerRecords<byte[], byte[]> records = open.consumer().poll(time);
      if (!records.isEmpty()) {
        for (LaneReader reader : open.readers()) {
          reader.add(records.records(reader.partition()));
        }
        silentSince = System.nanoTime();
        silence.over();
      } else {
        open.readers().get(turn).requireMore();
        askAfterSilence(open);
      }
      return true;
    } catch (WakeupException e) {
      return false;
    } catch (InvalidOffsetException e) {
      throw new StreamException("the snapshot is not in the log any more: " + e.getMessage(), e);
    } catch (RetriableException | AuthorizationException | AuthenticationException e) {
      silence.warn("cannot read dataset '" + dataset + "' now, waiting: " + kafka.reason(e));
      // It may fail again at once, for as long as what it asks for is not there.
      LockSupport.parkNanos(RETRY.toNanos());
      askAfterSilence(open);
      return true;
    } catch (KafkaException e) {
      throw new StreamException("cannot read dataset '" + dataset + "': " + kafka.reason(e), e);
    }
  }

  /** Tells a log that is gone from one that does not answer now. */
  private void askAfterSilence(Client open) {
    if (System.nanoTime() - silentSince > timeout.toNanos()) {
      silence.warn(
          "no records of %s for %d s, waiting".formatted(lanes.get(turn), timeout.toSeconds()));
      timeout = open.probe().ask();
      silentSince = System.nanoTime();
    }
  }

  private void requireFit(StreamPosition start) {
    boolean fits =
        start.lanes().size() == lanes.size()
            && turn >= 0
            && turn < Math.max(1, lanes.size())
            && IntStream.range(0, lanes.size())
                .allMatch(i ->
                    lanes.get(i).topic().equals(positions[i].topic())
                        && lanes.get(i).partition() == positions[i].partition()
                        && positions[i].range() >= 0
                        && positions[i].range() <= lanes.get(i).ranges().size());
    if (!fits) {
      throw new StreamException("the position to go on from is not one of this snapshot: " + start);
    }
    if (lanes.isEmpty()) {
      throw new StreamException("the snapshot has no records");
    }
  }
}
