package io.millrace.training.stream;

import static io.millrace.testing.Waiting.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.data.v1.PackedSequence;
import io.millrace.platform.MillraceProperties;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.kafka.TopicSpec;
import io.millrace.platform.registry.SnapshotEntry.Range;
import io.millrace.testing.TestServers;
import io.millrace.training.fixture.TestDataset;
import io.millrace.training.stream.StreamPosition.LanePosition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;
import tools.jackson.databind.json.JsonMapper;

/** Order, positions and faults of a stream on a real broker, with aborted records in between. */
class KafkaBatchSourceTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(120);
  private static KafkaClients kafka;
  private String topic;

  @BeforeAll
  static void connect() {
    kafka = new KafkaClients(settings());
  }

  private static MillraceProperties.Kafka settings() {
    MapConfigurationPropertySource source =
        new MapConfigurationPropertySource(
            Map.of("bootstrap-servers", TestServers.kafka().bootstrapServers()));
    return new Binder(source).bindOrCreate("", Bindable.of(MillraceProperties.Kafka.class));
  }

  @AfterAll
  static void disconnect() {
    kafka.close();
  }

  @BeforeEach
  void makeTopic() {
    topic = TestServers.freshPrefix() + "numbers";
    kafka.ensureTopic(TopicSpec.keeping(topic, 3));
  }

  @Test
  void takesOneOfEachPartitionInTurnAndBeginsAgain() throws Exception {
    List<Range> ranges = List.of(write(2, 2), write(0, 4), write(1, 1));

    List<Batch<List<Integer>>> batches = take(ranges, StreamPosition.start(ranges), 4, 4);

    assertThat(numbers(batches))
        .containsExactly(0, 1000, 2000, 1, 2001, 2, 3, 0, 1000, 2000, 1, 2001, 2, 3, 0, 1000);
    assertThat(batches.stream().map(batch -> batch.after().epoch()))
        .containsExactly(0L, 1L, 1L, 2L);
  }

  @Test
  void goesOnFromEveryPositionAsIfNothingHadHappened() throws Exception {
    List<Range> ranges = List.of(write(0, 5), write(1, 3));
    List<Batch<List<Integer>>> all = take(ranges, StreamPosition.start(ranges), 1, 20);
    JsonMapper json = JsonMapper.builder().build();

    for (int learned = 1; learned < 12; learned++) {
      StreamPosition saved =
          json.readValue(
              json.writeValueAsString(all.get(learned - 1).after()), StreamPosition.class);
      assertThat(numbers(take(ranges, saved, 1, 8)))
          .isEqualTo(numbers(all.subList(learned, learned + 8)));
    }
  }

  @Test
  void readsSeveralRangesOfAPartitionAndNothingBetweenThem() throws Exception {
    write(0, 10);
    List<Long> offsets = offsetsOf(10);
    List<Range> ranges =
        List.of(
            new Range(topic, 0, offsets.get(6), offsets.get(7) + 1, 2),
            new Range(topic, 0, offsets.get(1), offsets.get(3), 2));

    List<Batch<List<Integer>>> batches = take(ranges, StreamPosition.start(ranges), 1, 7);

    assertThat(numbers(batches)).containsExactly(1, 2, 6, 7, 1, 2, 6);
    assertThat(numbers(take(ranges, batches.get(1).after(), 1, 3))).containsExactly(6, 7, 1);
  }

  @Test
  void skipsARepetition() throws Exception {
    long[] numbers = {5, 6, 6, 5, 7};
    List<Range> ranges =
        List.of(TestDataset.write(kafka, topic, 0, 5, i -> NumberFormat.record(0, numbers[i])));

    assertThat(numbers(take(ranges, StreamPosition.start(ranges), 1, 5)))
        .containsExactly(5, 6, 7, 5, 6);
  }

  @Test
  void waitsForBrokersWhoseNamesAreNotKnown() throws Exception {
    List<Range> ranges = List.of(write(0, 2));
    LostNames names = new LostNames(3);
    try (KafkaClients clients = new KafkaClients(settings(), names);
        BatchSource<List<Integer>> source =
            new KafkaBatchSource<>(
                clients,
                "numbers",
                ranges,
                StreamPosition.start(ranges),
                new NumberFormat(),
                2,
                1,
                DataSize.ofMegabytes(1))) {
      assertThat(Objects.requireNonNull(source.poll(TIMEOUT)).content()).containsExactly(0, 1);
      assertThat(names.tries()).isEqualTo(4);
    }
  }

  @Test
  void failsAtAGapButHandsOverWhatCameBefore() throws Exception {
    long[] numbers = {0, 1, 3};
    Range range = TestDataset.write(kafka, topic, 0, 3, i -> NumberFormat.record(0, numbers[i]));

    assertFailsAfter(2, range, "lacks records", "sequence number 3, expected 2");
  }

  @Test
  void failsAtACorruptRecord() throws Exception {
    byte[] corrupt = NumberFormat.record(0, 1);
    int firstToken = 2 + "numbers".length() + 2 + 2;
    corrupt[firstToken] ^= 1;
    Range range =
        TestDataset.write(kafka, topic, 0, 2, i -> i == 1 ? corrupt : NumberFormat.record(0, i));

    assertFailsAfter(1, range, "is corrupt", "checksum is");
  }

  @Test
  void failsAtARecordOfAnotherDataset() throws Exception {
    IntFunction<byte[]> foreign = TestDataset.sequences("elsewhere", 0);
    Range range = TestDataset.write(kafka, topic, 0, 1, foreign);

    assertFailsAfter(0, range, "of dataset 'elsewhere', expected 'numbers'");
  }

  @Test
  void failsIfTheRangeHoldsFewerRecordsThanCounted() throws Exception {
    Range written = write(0, 3);
    Range range = new Range(topic, 0, written.begin(), written.end(), 4);

    assertFailsAfter(3, range, "the snapshot counted 4");
  }

  @Test
  void failsIfTheBeginningIsNotInTheLogAnyMore() throws Exception {
    Range range = write(0, 6);
    kafka
        .admin()
        .deleteRecords(
            Map.of(new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(range.begin() + 2)))
        .all()
        .get();

    assertThatThrownBy(() -> source(List.of(range), StreamPosition.start(List.of(range)), 1))
        .isInstanceOf(StreamException.class)
        .hasMessageContaining("the snapshot needs");
  }

  @Test
  void failsIfTheTopicDoesNotExist() throws Exception {
    Range range = new Range(topic + "-gone", 0, 0, 1, 1);

    // Not at once: a broker that has just started may not know its topics yet.
    assertFailsAfter(0, range, "cannot read dataset 'numbers'");
  }

  @Test
  void refusesAPositionOfAnotherSnapshot() throws Exception {
    Range range = write(0, 3);
    StreamPosition foreign =
        new StreamPosition(0, 0, List.of(new LanePosition("other", 0, 0, 0, 0, -1)));

    assertThatThrownBy(() -> source(List.of(range), foreign, 1))
        .isInstanceOf(StreamException.class)
        .hasMessageContaining("not one of this snapshot");
  }

  @Test
  void measuresTheTimeItWaited() throws Exception {
    List<Range> ranges = List.of(write(0, 3));
    Thread learner = Thread.currentThread();
    AtomicBoolean polls = new AtomicBoolean();
    AtomicInteger assembled = new AtomicInteger();
    NumberFormat format =
        new NumberFormat() {
          @Override
          public List<Integer> assemble(List<PackedSequence> records) {
            // The first batch comes only when somebody waits for it.
            while (assembled.get() == 0
                && (!polls.get() || learner.getState() != Thread.State.TIMED_WAITING)) {
              LockSupport.parkNanos(1_000_000);
            }
            assembled.incrementAndGet();
            return super.assemble(records);
          }
        };
    try (BatchSource<List<Integer>> source =
        source(ranges, StreamPosition.start(ranges), format, 1, 3, DataSize.ofMegabytes(1))) {
      polls.set(true);
      assertThat(source.poll(TIMEOUT)).isNotNull();
      long afterTheFirst = source.waitedNanos();
      // The third is not begun before the second is ready.
      await().until(() -> assembled.get() >= 3);
      assertThat(source.poll(TIMEOUT)).isNotNull();

      assertThat(afterTheFirst).isPositive();
      assertThat(source.waitedNanos()).isEqualTo(afterTheFirst);
    }
  }

  @Test
  void saysWhyReadingAheadEnded() throws Exception {
    List<Range> ranges = List.of(write(0, 3));
    NumberFormat format =
        new NumberFormat() {
          @Override
          public List<Integer> assemble(List<PackedSequence> records) {
            if (number(records.getFirst()) == 2) {
              throw new OutOfMemoryError("on purpose");
            }
            return super.assemble(records);
          }
        };
    try (BatchSource<List<Integer>> source =
        source(ranges, StreamPosition.start(ranges), format, 1, 3, DataSize.ofMegabytes(1))) {
      assertThat(source.poll(TIMEOUT)).isNotNull();
      assertThat(source.poll(TIMEOUT)).isNotNull();
      assertThatThrownBy(() -> source.poll(TIMEOUT))
          .isInstanceOf(PrefetchException.class)
          .hasMessageContaining("OutOfMemoryError: on purpose");
    }
  }

  @Test
  void readsNoFurtherAheadThanTheSizeAllows() throws Exception {
    List<Range> ranges = List.of(write(0, 5));
    AtomicInteger assembled = new AtomicInteger();
    NumberFormat format =
        new NumberFormat() {
          @Override
          public List<Integer> assemble(List<PackedSequence> records) {
            assembled.incrementAndGet();
            return super.assemble(records);
          }
        };
    // The least that a batch counts for is a kilobyte.
    try (BatchSource<List<Integer>> source =
        source(ranges, StreamPosition.start(ranges), format, 1, 100, DataSize.ofKilobytes(4))) {
      assertThat(source.poll(TIMEOUT)).isNotNull();
      await().until(() -> assembled.get() == 1 + 4);
      Thread.sleep(500);

      assertThat(assembled).hasValue(1 + 4);
      for (int i = 1; i < 20; i++) {
        assertThat(source.poll(TIMEOUT)).isNotNull();
      }
    }
  }

  @Test
  void givesTheSameFromMemory() throws Exception {
    List<Range> ranges = List.of(write(0, 5));
    try (BatchSource<List<Integer>> source = source(ranges, StreamPosition.start(ranges), 2);
        MemoryBatchSource<List<Integer>> memory = MemoryBatchSource.copyOf(source, 3)) {
      List<Integer> numbers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        numbers.addAll(memory.poll(TIMEOUT).content());
      }
      assertThat(numbers).containsExactly(0, 1, 2, 3, 4, 0, 0, 1);
    }
  }

  @Test
  void readsHeldoutRecordsOnce() throws Exception {
    List<Range> ranges = List.of(write(0, 5), write(1, 2));

    assertThat(heldout(ranges, 100))
        .containsExactly(List.of(0, 1000, 1), List.of(1001, 2, 3), List.of(4));
    assertThat(heldout(ranges, 4)).containsExactly(List.of(0, 1000, 1), List.of(1001));
    assertThat(heldout(ranges, 0)).isEmpty();
    assertThat(heldout(List.of(), 10)).isEmpty();
  }

  private static List<List<Integer>> heldout(List<Range> ranges, int most) {
    List<List<Integer>> batches = new ArrayList<>();
    int read =
        HeldoutRecords.read(
            kafka, "numbers", ranges, new NumberFormat(), 3, most, () -> false, batches::add);
    assertThat(read).isEqualTo(batches.stream().mapToInt(List::size).sum());
    return batches;
  }

  private void assertFailsAfter(int good, Range range, String... message) throws Exception {
    List<Range> ranges = List.of(range);
    try (BatchSource<List<Integer>> source = source(ranges, StreamPosition.start(ranges), 1)) {
      for (int i = 0; i < good; i++) {
        assertThat(source.poll(TIMEOUT)).isNotNull();
      }
      assertThatThrownBy(() -> source.poll(TIMEOUT))
          .isInstanceOf(StreamException.class)
          .hasMessageContainingAll(message);
    }
  }

  private Range write(int partition, int records) throws Exception {
    return TestDataset.write(
        kafka, topic, partition, records, i -> NumberFormat.record(partition, i));
  }

  private List<Long> offsetsOf(int records) {
    List<Long> offsets = new ArrayList<>();
    try (var consumer = kafka.consumer("offsets")) {
      TopicPartition partition = new TopicPartition(topic, 0);
      consumer.assign(List.of(partition));
      consumer.seek(partition, 0);
      while (offsets.size() < records) {
        consumer.poll(Duration.ofMillis(200)).forEach(record -> offsets.add(record.offset()));
      }
    }
    return offsets;
  }

  private static List<Batch<List<Integer>>> take(
      List<Range> ranges, StreamPosition start, int batchSize, int batches) throws Exception {
    List<Batch<List<Integer>>> taken = new ArrayList<>();
    try (BatchSource<List<Integer>> source = source(ranges, start, batchSize)) {
      while (taken.size() < batches) {
        Batch<List<Integer>> batch = source.poll(TIMEOUT);
        assertThat(batch).isNotNull();
        taken.add(batch);
      }
    }
    return taken;
  }

  private static BatchSource<List<Integer>> source(
      List<Range> ranges, StreamPosition start, int batchSize) {
    return source(ranges, start, new NumberFormat(), batchSize, 3, DataSize.ofMegabytes(1));
  }

  private static BatchSource<List<Integer>> source(
      List<Range> ranges,
      StreamPosition start,
      RecordFormat<PackedSequence, List<Integer>> format,
      int batchSize,
      int prefetch,
      DataSize most) {
    return new KafkaBatchSource<>(
        kafka, "numbers", ranges, start, format, batchSize, prefetch, most);
  }

  private static List<Integer> numbers(List<Batch<List<Integer>>> batches) {
    return batches.stream().flatMap(batch -> batch.content().stream()).toList();
  }
}
