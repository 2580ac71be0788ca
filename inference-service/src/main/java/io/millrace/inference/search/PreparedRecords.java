package io.millrace.inference.search;

import io.millrace.contracts.Topics;
import io.millrace.contracts.Topics.Split;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.DatasetEntry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** Reads prepared records of datasets, of both splits. For one thread. */
final class PreparedRecords implements AutoCloseable {

  /** That are taken of a partition at a time. */
  private static final int MOST = 16;

  private static final Duration POLL = Duration.ofMillis(200);

  private final Consumer<byte[], byte[]> consumer;
  private final Topics topics;

  PreparedRecords(KafkaClients kafka, Topics topics) {
    this.consumer = kafka.consumer("inference-search");
    this.topics = topics;
  }

  /**
   * The records that come next.
   *
   * @param positions of partitions; where there is none, the beginning
   * @return the first few of each partition, in its order; none if there are none now
   */
  List<ConsumerRecord<byte[], byte[]>> after(
      DatasetEntry dataset, Map<TopicPartition, Long> positions) {
    List<TopicPartition> places =
        Stream.of(Split.values())
            .map(split -> topic(dataset, split))
            .flatMap(topic -> consumer.partitionsFor(topic).stream())
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(places);
    Map<TopicPartition, Long> begins = consumer.beginningOffsets(places);
    for (TopicPartition place : places) {
      consumer.seek(place, positions.getOrDefault(place, begins.getOrDefault(place, 0L)));
    }
    Map<TopicPartition, Integer> taken = new HashMap<>();
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
      TopicPartition place = new TopicPartition(record.topic(), record.partition());
      if (taken.merge(place, 1, Integer::sum) <= MOST) {
        records.add(record);
      }
    }
    return records;
  }

  private String topic(DatasetEntry dataset, Split split) {
    return switch (dataset.content()) {
      case Content.Text _ -> topics.sequences(dataset.name(), split);
      case Content.Pictures _ -> topics.samples(dataset.name(), split);
      case Content.Rows _ -> throw noIndexOfRows(dataset);
    };
  }

  /** What an index cannot be of. */
  static MillraceException noIndexOfRows(DatasetEntry dataset) {
    return MillraceException.precondition(
        "dataset '%s' holds rows; an index is of texts or images".formatted(dataset.name()));
  }

  @Override
  public void close() {
    consumer.close(CloseOptions.timeout(Duration.ZERO));
  }
}
