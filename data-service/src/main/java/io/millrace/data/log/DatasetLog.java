package io.millrace.data.log;

import io.millrace.contracts.Topics;
import io.millrace.data.DataProperties;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.kafka.TopicSpec;
import io.millrace.platform.registry.DatasetEntry;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** A dataset's topics: made, deleted, and asked how far they reach and how much is prepared. */
@Component
public class DatasetLog {
  private static final long TIMEOUT_SECONDS = 30;

  private final KafkaClients kafka;
  private final Topics topics;
  private final DataProperties settings;

  /** On a cluster. */
  public DatasetLog(KafkaClients kafka, Topics topics, DataProperties settings) {
    this.kafka = kafka;
    this.topics = topics;
    this.settings = settings;
  }

  /** The names of a dataset's topics. */
  public DatasetTopics names(DatasetEntry dataset) {
    return DatasetTopics.of(topics, dataset);
  }

  /**
   * Makes the topics. Documents that are there already belong to the dataset.
   *
   * @return the topics that were not there before
   */
  public List<String> create(DatasetEntry dataset) {
    DatasetTopics names = names(dataset);
    Set<String> present = get(kafka.admin().listTopics().names(), "list the topics");
    for (String topic : names.all()) {
      TopicSpec spec = TopicSpec.keeping(topic, settings.partitions());
      kafka.ensureTopic(topic.equals(names.deadLetters()) ? spec.gzipped() : spec);
    }
    forgetGroups(names);
    return names.all().stream().filter(topic -> !present.contains(topic)).toList();
  }

  /** Deletes the topics with all documents and records in them; can be repeated. */
  public void delete(DatasetEntry dataset) {
    DatasetTopics names = names(dataset);
    deleteTopics(names.all());
    forgetGroups(names);
  }

  /** Deletes topics, of which some may be gone. */
  public void deleteTopics(List<String> topics) {
    for (String topic : topics) {
      try {
        get(kafka.admin().deleteTopics(List.of(topic)).all(), "delete topic " + topic);
      } catch (UnknownTopicOrPartitionException alreadyGone) {
        continue; // An earlier deletion came as far as this.
      }
    }
  }

  /** The offset after the last document of each partition, whether committed or not. */
  public SortedMap<Integer, Long> documentEnds(DatasetEntry dataset) {
    return offsets(names(dataset).documents(), OffsetSpec.latest());
  }

  /** How many documents before the ends of their partitions are not prepared yet. */
  public static long waiting(Map<Integer, Long> ends, Map<Integer, PartitionProgress> progress) {
    return ends.entrySet().stream()
        .mapToLong(end ->
            Math.max(
                0,
                end.getValue()
                    - progress.getOrDefault(end.getKey(), PartitionProgress.NONE).nextOffset()))
        .sum();
  }

  /** The first offset that is still there, of each partition of a topic. */
  public SortedMap<Integer, Long> begins(String topic) {
    return offsets(topic, OffsetSpec.earliest());
  }

  /**
   * The progress of every partition; of one whose preparation never began, none.
   *
   * @throws MillraceException FAILED_PRECONDITION if the log is not as a preparation leaves it
   */
  public SortedMap<Integer, PartitionProgress> progress(DatasetEntry dataset) {
    DatasetTopics names = names(dataset);
    Map<TopicPartition, OffsetAndMetadata> committed = committed(names.fullGroup());
    SortedMap<Integer, PartitionProgress> progress = new TreeMap<>();
    for (int partition = 0; partition < partitions(names.documents()); partition++) {
      OffsetAndMetadata offset = committed.get(new TopicPartition(names.documents(), partition));
      progress.put(partition, progress(names, partition, offset));
    }
    return progress;
  }

  private PartitionProgress progress(
      DatasetTopics names, int partition, @Nullable OffsetAndMetadata offset) {
    try {
      if (offset != null) {
        return PartitionProgress.decode(offset.metadata());
      }
      // The offset of a group that commits nothing expires; what it wrote does not.
      return isEmpty(names)
          ? PartitionProgress.NONE
          : new ProgressLog(kafka, names, partition).find(null);
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw MillraceException.precondition(String.valueOf(e.getMessage()));
    }
  }

  private boolean isEmpty(DatasetTopics names) {
    return Stream.of(names.train(), names.heldout(), names.deadLetters())
        .flatMap(topic -> offsets(topic, OffsetSpec.latest()).values().stream())
        .allMatch(end -> end == 0);
  }

  /**
   * Number of partitions.
   *
   * @throws MillraceException FAILED_PRECONDITION if the topic is gone
   */
  private int partitions(String topic) {
    try {
      return kafka.partitions(topic);
    } catch (UnknownTopicOrPartitionException e) {
      throw MillraceException.precondition(
          "topic %s is gone, as after a deletion that ended half-way; delete the dataset (again)"
              .formatted(topic));
    }
  }

  private SortedMap<Integer, Long> offsets(String topic, OffsetSpec spec) {
    Map<TopicPartition, OffsetSpec> wanted =
        IntStream.range(0, partitions(topic))
            .boxed()
            .collect(
                Collectors.toMap(partition -> new TopicPartition(topic, partition), p -> spec));
    SortedMap<Integer, Long> offsets = new TreeMap<>();
    get(kafka.admin().listOffsets(wanted).all(), "read the offsets of " + topic)
        .forEach((place, offset) -> offsets.put(place.partition(), offset.offset()));
    return offsets;
  }

  /** The offset of the first dead letter that was not replayed, as far as Kafka remembers it. */
  public SortedMap<Integer, Long> replayed(DatasetEntry dataset) {
    SortedMap<Integer, Long> offsets = new TreeMap<>();
    committed(topics.prefix() + names(dataset).replayGroup())
        .forEach((place, offset) -> offsets.put(place.partition(), offset.offset()));
    return offsets;
  }

  private Map<TopicPartition, OffsetAndMetadata> committed(String group) {
    try {
      return get(
          kafka.admin().listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata(),
          "read the offsets of group " + group);
    } catch (GroupIdNotFoundException neverCommitted) {
      return Map.of();
    }
  }

  private void forgetGroups(DatasetTopics names) {
    for (String group : List.of(names.fullGroup(), topics.prefix() + names.replayGroup())) {
      if (committed(group).isEmpty()) {
        continue; // Asking the broker to delete what is not there fills its log with errors.
      }
      try {
        get(kafka.admin().deleteConsumerGroups(List.of(group)).all(), "delete group " + group);
      } catch (GroupIdNotFoundException alreadyGone) {
        continue;
      }
    }
  }

  private <T> T get(KafkaFuture<T> future, String what) {
    try {
      return future.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof org.apache.kafka.common.errors.TimeoutException) {
        throw MillraceException.unavailable("cannot " + what + ": Kafka does not answer");
      }
      if (e.getCause() instanceof AuthorizationException refused) {
        throw MillraceException.precondition("cannot " + what + ": " + kafka.reason(refused));
      }
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException("cannot " + what, e.getCause());
    } catch (TimeoutException e) {
      throw MillraceException.unavailable("cannot " + what + ": Kafka does not answer");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw MillraceException.unavailable("interrupted while trying to " + what);
    }
  }
}
