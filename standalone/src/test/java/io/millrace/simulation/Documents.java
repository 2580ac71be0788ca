package io.millrace.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.EventTypes;
import io.millrace.contracts.Topics.Split;
import io.millrace.contracts.data.v1.Document;
import io.millrace.contracts.record.PackedSequences;
import io.millrace.data.log.DatasetTopics;
import io.millrace.data.prepare.SimulatedPreparation;
import io.millrace.platform.event.EventCodec;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.SnapshotEntry.Range;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * A dataset of texts in which no token is there twice, its preparation, and what must come of it.
 */
final class Documents {
  private static final int PACK_LENGTH = 12;
  private static final double ZOMBIES = 0.05;

  private final Lane lane;
  private final Chance chance;
  private final int partitions;
  private final DatasetEntry dataset;
  private final DatasetTopics topics;
  private final EventCodec codec = new EventCodec(URI.create("/simulation"), Clock.systemUTC());
  private final Producer<byte[], byte[]> producer;
  private final SimulatedPreparation preparation;
  private int documents;
  private int tokens;
  private int damaged;
  private boolean nested;

  Documents(Lane lane, Chance chance, String name) {
    this.lane = lane;
    this.chance = chance;
    this.partitions = chance.between(1, 2);
    this.dataset =
        new DatasetEntry(
            name, new Content.Text(PACK_LENGTH, /* tokenizer= */ null), 20, Instant.EPOCH);
    this.topics = DatasetTopics.of(lane.topics(), dataset);
    topics.all().forEach(topic -> lane.log().make(topic, partitions));
    this.producer = lane.kafka().producer("simulation");
    this.preparation =
        new SimulatedPreparation(
            lane.kafka(),
            codec,
            dataset,
            topics,
            PACK_LENGTH,
            (_, partition, step) -> reach(partition, step.name()));
  }

  DatasetEntry dataset() {
    return dataset;
  }

  /** Writes documents, a few of which nobody can read. */
  void write(int number) {
    for (int i = 0; i < number; i++) {
      String id = "d" + documents++;
      if (chance.happens(0.1)) {
        damaged++;
        producer.send(
            new ProducerRecord<>(
                topics.documents(), id.getBytes(StandardCharsets.UTF_8), new byte[] {7}));
      } else {
        int length = chance.between(1, 2 * PACK_LENGTH);
        String text =
            IntStream.range(tokens, tokens + length)
                .mapToObj(Integer::toString)
                .collect(Collectors.joining(" "));
        tokens += length;
        producer.send(
            codec.encode(
                topics.documents(),
                id,
                EventTypes.DOCUMENT,
                Document.newBuilder().setId(id).setText(text).build()));
      }
    }
  }

  /** Lets worker after worker die until all documents are prepared; then nothing may be missing. */
  void prepare() {
    for (int partition = 0; partition < partitions; partition++) {
      boolean done = false;
      while (!done) {
        done = survives(partition);
      }
    }
    requireExact();
  }

  private boolean survives(int partition) {
    try {
      preparation.prepare(partition);
      return true;
    } catch (Crash | KafkaException e) {
      return false;
    }
  }

  /** A worker dies here or its cluster fails, or another one takes over while it lives on. */
  private void reach(int partition, String step) {
    try {
      chance.reach(step);
    } catch (Crash e) {
      if (chance.happens(0.5)) {
        throw new KafkaException("the cluster failed", e);
      }
      throw e;
    }
    if (!nested && chance.happens(ZOMBIES)) {
      nested = true;
      survives(partition);
      nested = false;
    }
  }

  private void requireExact() {
    List<Integer> prepared = new ArrayList<>();
    for (Split split : Split.values()) {
      for (int partition = 0; partition < partitions; partition++) {
        tokens(split, partition, Long.MAX_VALUE).forEach(prepared::addAll);
      }
    }
    prepared.removeIf(token -> token == SimulatedPreparation.END);
    assertThat(prepared.stream().sorted().toList())
        .as("every token once")
        .isEqualTo(IntStream.range(0, tokens).boxed().toList());
    int letters = 0;
    for (int partition = 0; partition < partitions; partition++) {
      letters += records(topics.deadLetters(), partition, Long.MAX_VALUE).size();
    }
    assertThat(letters).as("every damaged document once").isEqualTo(damaged);
  }

  /** What a snapshot sealed now would hold of a split; partitions without records are left out. */
  List<Range> ranges(Split split) {
    List<Range> ranges = new ArrayList<>();
    for (int partition = 0; partition < partitions; partition++) {
      long end = lane.log().end(new TopicPartition(topics.of(split), partition));
      long records = records(topics.of(split), partition, end).size();
      if (records > 0) {
        ranges.add(new Range(topics.of(split), partition, 0, end, records));
      }
    }
    return ranges;
  }

  /**
   * The tokens that so many records of a snapshot are, one of each partition in turn, round and
   * round: what a model has learned from that nothing ever disturbed.
   */
  List<Integer> learned(List<Range> ranges, long records) {
    List<List<List<Integer>>> lanes =
        ranges.stream().map(one -> tokens(Split.TRAIN, one.partition(), one.end())).toList();
    int longest = lanes.stream().mapToInt(List::size).max().orElse(0);
    List<List<Integer>> epoch = new ArrayList<>();
    for (int i = 0; i < longest; i++) {
      for (List<List<Integer>> each : lanes) {
        if (i < each.size()) {
          epoch.add(each.get(i));
        }
      }
    }
    List<Integer> learned = new ArrayList<>();
    for (long i = 0; i < records; i++) {
      learned.addAll(epoch.get((int) (i % epoch.size())));
    }
    return learned;
  }

  private List<List<Integer>> tokens(Split split, int partition, long end) {
    return records(topics.of(split), partition, end).stream()
        .map(record -> CountedTokens.of(PackedSequences.parse(record.value())))
        .toList();
  }

  private List<ConsumerRecord<byte[], byte[]>> records(String topic, int partition, long end) {
    return lane.log().read(new TopicPartition(topic, partition), 0).records().stream()
        .filter(record -> record.offset() < end)
        .toList();
  }
}
