package io.millrace.data.log;

import io.millrace.platform.kafka.KafkaClients;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** Reads committed records of ranges of offsets, one range after another. One thread at a time. */
public final class RangeReader implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(50);
  private static final int EMPTY_POLLS = 600;

  private final Consumer<byte[], byte[]> consumer;

  /**
   * A reader.
   *
   * @param client for Kafka's logs
   */
  public RangeReader(KafkaClients kafka, String client) {
    this.consumer = kafka.consumer(client);
  }

  /** The offset of the first record that is still there. */
  public long begin(TopicPartition place) {
    consumer.assign(List.of(place)); // Or Kafka's client warns about each answer.
    return consumer.beginningOffsets(List.of(place)).getOrDefault(place, 0L);
  }

  /** The offset up to which records are committed. */
  public long end(TopicPartition place) {
    consumer.assign(List.of(place));
    return consumer.endOffsets(List.of(place)).getOrDefault(place, 0L);
  }

  /**
   * Reads a range.
   *
   * @param end exclusive
   * @param visitor is given each record and says whether it wants more
   * @throws KafkaException if the range cannot be read to its end, e.g. because of a transaction
   *     that stays open in it
   */
  public void read(
      TopicPartition place,
      long begin,
      long end,
      Predicate<ConsumerRecord<byte[], byte[]>> visitor) {
    if (begin >= end) {
      return;
    }
    consumer.assign(List.of(place));
    consumer.seek(place, begin);
    int empty = 0;
    for (long position = begin; position < end; ) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        if (record.offset() >= end || !visitor.test(record)) {
          return;
        }
      }
      long now = consumer.position(place);
      empty = now == position ? empty + 1 : 0;
      if (empty == EMPTY_POLLS) {
        throw new KafkaException("%s cannot be read beyond offset %d".formatted(place, now));
      }
      position = now;
    }
  }

  @Override
  public void close() {
    consumer.close(CloseOptions.timeout(Duration.ZERO));
  }
}
