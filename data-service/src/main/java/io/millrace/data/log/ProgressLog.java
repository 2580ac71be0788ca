package io.millrace.data.log;

import io.millrace.contracts.Topics.Split;
import io.millrace.platform.kafka.KafkaClients;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Finds the progress of a partition in the log.
 *
 * <p>It is written twice in each transaction: as metadata of the group's offset, and in a header of
 * the last record that the window wrote to each topic. The offset of a group without members
 * expires after a week, the header stays as long as its record: the further of all is the truth.
 */
public final class ProgressLog {
  /** The header with {@link PartitionProgress#encode}. */
  public static final String HEADER = "millrace-progress";

  private static final Duration POLL = Duration.ofMillis(50);
  private static final int EMPTY_POLLS = 600;

  private final KafkaClients kafka;
  private final DatasetTopics topics;
  private final int partition;

  /** A finder for one partition. */
  public ProgressLog(KafkaClients kafka, DatasetTopics topics, int partition) {
    this.kafka = kafka;
    this.topics = topics;
    this.partition = partition;
  }

  /**
   * The progress of the last committed window.
   *
   * @param offset of the group; null if it has none
   * @throws IllegalStateException if the offset is not a preparation's, or if documents are gone
   *     that were not prepared
   */
  public PartitionProgress find(@Nullable OffsetAndMetadata offset) {
    TopicPartition documents = place(topics.documents());
    TopicPartition train = place(topics.of(Split.TRAIN));
    TopicPartition heldout = place(topics.of(Split.HELDOUT));
    TopicPartition letters = place(topics.deadLetters());
    Consumer<byte[], byte[]> reader = kafka.consumer("data-" + topics.group() + "-progress");
    Map<TopicPartition, ConsumerRecord<byte[], byte[]>> last;
    long begin;
    try {
      reader.assign(List.of(documents, train, heldout, letters));
      begin = reader.beginningOffsets(List.of(documents)).getOrDefault(documents, 0L);
      last = last(reader, List.of(train, heldout, letters));
    } finally {
      reader.close(CloseOptions.timeout(Duration.ZERO));
    }
    List<PartitionProgress> candidates = new ArrayList<>();
    candidates.add(committed(documents, offset));
    last.values().forEach(record -> told(record).ifPresent(candidates::add));
    PartitionProgress furthest =
        candidates.stream()
            .max(Comparator.comparingLong(PartitionProgress::nextOffset))
            .orElseThrow();
    if (furthest.nextOffset() == 0) {
      furthest = PartitionProgress.NONE.at(begin);
    } else if (furthest.nextOffset() < begin) {
      throw new IllegalStateException(
          "documents %d to %d of %s are gone and were never prepared"
              .formatted(furthest.nextOffset(), begin - 1, documents));
    }
    return furthest.withEnds(
        Math.max(after(last.get(train)), furthest.trainEnd()),
        Math.max(after(last.get(heldout)), furthest.heldoutEnd()));
  }

  private PartitionProgress committed(
      TopicPartition documents, @Nullable OffsetAndMetadata committed) {
    if (committed == null) {
      return PartitionProgress.NONE;
    }
    PartitionProgress progress;
    try {
      progress = PartitionProgress.decode(committed.metadata());
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException(
          "the offset of group %s for %s was not committed by a preparation; delete it with kafka-consumer-groups.sh --delete-offsets"
              .formatted(topics.fullGroup(), documents),
          e);
    }
    if (progress.nextOffset() != committed.offset()) {
      throw new IllegalStateException(
          "the offset of group %s for %s is %d but its preparation came to %d"
              .formatted(topics.fullGroup(), documents, committed.offset(), progress.nextOffset()));
    }
    return progress;
  }

  /**
   * The last committed record of a window of each place that has one: looks back further and
   * further. Records that no preparation wrote are passed over; whoever reads them all names them.
   */
  private static Map<TopicPartition, ConsumerRecord<byte[], byte[]>> last(
      Consumer<byte[], byte[]> reader, List<TopicPartition> places) {
    Map<TopicPartition, ConsumerRecord<byte[], byte[]>> last = new HashMap<>();
    Map<TopicPartition, Long> begins = reader.beginningOffsets(places);
    Map<TopicPartition, Long> ends = reader.endOffsets(places);
    List<TopicPartition> open = places;
    for (long back = 16; !open.isEmpty(); back *= 8) {
      long distance = back;
      reader.assign(open);
      open.forEach(place ->
          reader.seek(
              place,
              Math.max(begins.getOrDefault(place, 0L), ends.getOrDefault(place, 0L) - distance)));
      readTo(reader, open, ends, last);
      open =
          open.stream()
              .filter(place -> !last.containsKey(place))
              .filter(
                  place -> ends.getOrDefault(place, 0L) - distance > begins.getOrDefault(place, 0L))
              .toList();
    }
    return last;
  }

  private static void readTo(
      Consumer<byte[], byte[]> reader,
      List<TopicPartition> places,
      Map<TopicPartition, Long> ends,
      Map<TopicPartition, ConsumerRecord<byte[], byte[]>> last) {
    int empty = 0;
    long before = -1;
    while (places.stream()
        .anyMatch(place -> reader.position(place) < ends.getOrDefault(place, 0L))) {
      for (ConsumerRecord<byte[], byte[]> record : reader.poll(POLL)) {
        TopicPartition place = new TopicPartition(record.topic(), record.partition());
        if (record.offset() < ends.getOrDefault(place, 0L) && told(record).isPresent()) {
          last.put(place, record);
        }
      }
      long now = places.stream().mapToLong(reader::position).sum();
      empty = now == before ? empty + 1 : 0;
      before = now;
      if (empty == EMPTY_POLLS) {
        throw new KafkaException("%s cannot be read to their ends %s".formatted(places, ends));
      }
    }
  }

  /** The progress that a record tells as the last one of its window; none if it is not. */
  public static Optional<PartitionProgress> told(ConsumerRecord<byte[], byte[]> record) {
    Header header = record.headers().lastHeader(HEADER);
    if (header == null || header.value() == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          PartitionProgress.decode(new String(header.value(), StandardCharsets.UTF_8)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static long after(@Nullable ConsumerRecord<byte[], byte[]> record) {
    return record == null ? 0 : record.offset() + 1;
  }

  private TopicPartition place(String topic) {
    return new TopicPartition(topic, partition);
  }
}
