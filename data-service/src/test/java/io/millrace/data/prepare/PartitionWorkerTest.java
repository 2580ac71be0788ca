package io.millrace.data.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.Topics.Split;
import io.millrace.contracts.data.v1.PackedSequence;
import io.millrace.contracts.record.PackedSequences;
import io.millrace.data.HalfOfKafka;
import io.millrace.data.log.PartitionProgress;
import io.millrace.data.log.Tally;
import io.millrace.platform.checkpoint.Sha256;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.testing.TestServers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartitionWorkerTest {

  /** What a crash is to a worker: nothing catches it, nothing is aborted or closed kindly. */
  private static final class Crash extends Error {
    private static final long serialVersionUID = 1L;
  }

  @Test
  void losesAndRepeatsNothingWhereverItCrashes() {
    try (PreparationFixture fixture = new PreparationFixture()) {
      for (PreparationStep step : PreparationStep.values()) {
        for (int occurrence : new int[] {1, 3}) {
          fixture.append(20);
          crashAt(fixture, step, occurrence);
        }
      }
      // Two crashes one after another: the second falls into the recovery from the first.
      fixture.append(20);
      crashAt(fixture, PreparationStep.OFFSETS_SENT, 2);
      crashAt(fixture, PreparationStep.OFFSETS_SENT, 1);
      crashAt(fixture, PreparationStep.BEGUN, 1);
      fixture.prepareAll();

      assertExactlyOnce(fixture);
    }
  }

  @Test
  void theOlderOfTwoIsFencedAndNothingIsTwice() throws Exception {
    try (PreparationFixture fixture = new PreparationFixture()) {
      fixture.append(30);
      CountDownLatch inTransaction = new CountDownLatch(1);
      CountDownLatch resume = new CountDownLatch(1);
      int[] windows = new int[1];
      PartitionWorker older =
          fixture.worker(
              (dataset, partition, step) -> {
                if (step == PreparationStep.WRITTEN && ++windows[0] == 3) {
                  inTransaction.countDown();
                  await(resume);
                }
              },
              (dataset, before, after, duration) -> {});
      CompletableFuture<Void> running = CompletableFuture.runAsync(older);
      assertThat(inTransaction.await(60, TimeUnit.SECONDS)).isTrue();

      fixture.prepareAll();
      resume.countDown();

      assertThatThrownBy(() -> running.get(60, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOfAny(ProducerFencedException.class, InvalidProducerEpochException.class);
      assertExactlyOnce(fixture);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void leavesNoClientOpenIfTheOtherCannotBeMade(boolean producers) {
    HalfOfKafka transport = new HalfOfKafka(producers);
    try (PreparationFixture fixture = new PreparationFixture();
        KafkaClients clients = fixture.clients(transport)) {
      assertThatThrownBy(fixture.worker(clients)::run)
          .isInstanceOf(KafkaException.class)
          .hasMessageContaining("today");
    }
    assertThat(transport.count().open()).isZero();
  }

  @Test
  void partitionsCountOnTheirOwn() {
    try (PreparationFixture fixture = new PreparationFixture(3)) {
      fixture.append(60);
      crashAt(fixture, PreparationStep.OFFSETS_SENT, 2);
      fixture.prepareAll();
      fixture.append(20);
      fixture.prepareAll();

      assertThat(IntStream.range(0, 3).mapToObj(fixture::progress))
          .allSatisfy(progress -> assertThat(progress.tally().prepared()).isPositive());
      assertExactlyOnce(fixture);
    }
  }

  @Test
  void setsAsideADocumentThatNeedsTooMuchMemory() {
    try (PreparationFixture fixture = new PreparationFixture()) {
      fixture.append(9);
      PartitionWorker[] worker = new PartitionWorker[1];
      worker[0] =
          fixture.worker(
              0,
              text -> {
                if (text.startsWith("0 ") || text.equals("0")) {
                  throw new OutOfMemoryError("Java heap space");
                }
                return PreparationFixture.numbers(text);
              },
              PreparationStep.Listener.NONE,
              PreparationFixture.stopAt(fixture.end(0), () -> worker[0].stop()),
              () -> {});
      worker[0].run();

      assertThat(fixture.progress().tally().prepared()).isEqualTo(8);
      assertThat(
              fixture.committed(fixture.names.deadLetters()).stream()
                  .map(letter -> header(letter, "x-reason")))
          .contains(
              "its preparation needs too much memory: java.lang.OutOfMemoryError: Java heap space");
    }
  }

  @Test
  void findsItsWayWithoutTheGroupsOffset() throws Exception {
    try (PreparationFixture fixture = new PreparationFixture()) {
      fixture.append(40);
      fixture.prepareAll();
      PartitionProgress before = fixture.progress();

      fixture
          .kafka
          .admin()
          .deleteConsumerGroups(List.of(fixture.names.fullGroup()))
          .all()
          .get(60, TimeUnit.SECONDS);

      assertThat(fixture.progress()).isEqualTo(before);
      fixture.append(5);
      fixture.prepareAll();
      assertExactlyOnce(fixture);
    }
  }

  @Test
  void failsRatherThanSkipsDocumentsThatAreGone() throws Exception {
    try (PreparationFixture fixture = new PreparationFixture()) {
      fixture.append(20);
      fixture.prepareAll();
      long prepared = fixture.end(0);
      fixture.append(20);
      Map<TopicPartition, RecordsToDelete> some =
          Map.of(
              new TopicPartition(fixture.names.documents(), 0),
              RecordsToDelete.beforeOffset(prepared + 5));
      PartitionWorker running =
          fixture.worker(
              (dataset, partition, step) -> {
                if (step == PreparationStep.RECOVERED) {
                  fixture
                      .kafka
                      .admin()
                      .deleteRecords(some)
                      .all()
                      .toCompletionStage()
                      .toCompletableFuture()
                      .join();
                }
              },
              (dataset, before, after, duration) -> {});

      assertThatThrownBy(running::run).isInstanceOf(OffsetOutOfRangeException.class);
      assertThatThrownBy(fixture::progress)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("documents %d to %d of ".formatted(prepared, prepared + 4))
          .hasMessageEndingWith(" are gone and were never prepared");
    }
  }

  @Test
  void refusesAnOffsetThatSomebodyElseCommitted() throws Exception {
    try (PreparationFixture fixture = new PreparationFixture()) {
      fixture.append(3);
      fixture
          .kafka
          .admin()
          .alterConsumerGroupOffsets(
              fixture.names.fullGroup(),
              Map.of(
                  new TopicPartition(fixture.names.documents(), 0),
                  new org.apache.kafka.clients.consumer.OffsetAndMetadata(2)))
          .all()
          .get(60, TimeUnit.SECONDS);

      assertThatThrownBy(fixture::progress)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("was not committed by a preparation");
    }
  }

  @Test
  void setsAsideWhatIsTooLargeForADeadLetter() throws Exception {
    try (PreparationFixture fixture = new PreparationFixture()) {
      byte[] zeros = new byte[20 << 20];
      ProducerRecord<byte[], byte[]> value =
          new ProducerRecord<>(fixture.names.documents(), bytes("value"), zeros);
      ProducerRecord<byte[], byte[]> headers =
          new ProducerRecord<>(fixture.names.documents(), bytes("headers"), new byte[] {7});
      headers.headers().add("content-type", zeros);
      // A producer that compresses may write records that this platform's own could not.
      Map<String, Object> foreign =
          Map.of(
              ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
              TestServers.kafka().bootstrapServers(),
              ProducerConfig.COMPRESSION_TYPE_CONFIG,
              "gzip",
              ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
              64 << 20,
              ProducerConfig.BUFFER_MEMORY_CONFIG,
              64L << 20);
      try (KafkaProducer<byte[], byte[]> producer =
          new KafkaProducer<>(foreign, new ByteArraySerializer(), new ByteArraySerializer())) {
        producer.send(value).get(60, TimeUnit.SECONDS);
        producer.send(headers).get(60, TimeUnit.SECONDS);
      }
      fixture.append(3);
      fixture.prepareAll();

      assertThat(fixture.progress().tally().prepared()).isEqualTo(3);
      List<ConsumerRecord<byte[], byte[]>> letters = fixture.committed(fixture.names.deadLetters());
      assertThat(letters).hasSize(3);
      assertThat(letters.getFirst().value()).isNull();
      assertThat(letters.getFirst().key()).isEqualTo(bytes("value"));
      assertThat(header(letters.getFirst(), "x-original-offset")).isEqualTo("0");
      assertThat(header(letters.getFirst(), "x-reason"))
          .isEqualTo(
              "the record has 20971520 bytes, the limit is 1048576; split it"
                  + " (its value of 20971520 bytes, SHA-256 "
                  + Sha256.of(zeros)
                  + ", is left out here)");
      assertThat(header(letters.get(1), "x-original-offset")).isEqualTo("1");
      assertThat(header(letters.get(1), "x-reason"))
          .hasSizeLessThan(1300)
          .contains("\u2026 (its value of 1 bytes")
          .endsWith("is left out here), as are key and headers");
    }
  }

  private static void crashAt(PreparationFixture fixture, PreparationStep crash, int occurrence) {
    int[] seen = new int[1];
    PartitionWorker[] worker = new PartitionWorker[1];
    worker[0] =
        fixture.worker(
            (dataset, partition, step) -> {
              if (step == crash && ++seen[0] == occurrence) {
                throw new Crash();
              }
            },
            PreparationFixture.stopAt(fixture.end(0), () -> worker[0].stop()));
    if (crash == PreparationStep.RECOVERED && occurrence > 1) {
      return; // There is one recovery in the life of a worker.
    }
    assertThatThrownBy(worker[0]::run).isInstanceOf(Crash.class);
  }

  private static void assertExactlyOnce(PreparationFixture fixture) {
    List<Integer> tokens = new ArrayList<>();
    long ends = 0;
    for (int at = 0; at < fixture.partitions * Split.values().length; at++) {
      Split split = Split.values()[at % Split.values().length];
      PartitionProgress progress = fixture.progress(at / Split.values().length);
      List<PackedSequence> sequences = fixture.sequences(split, at / Split.values().length);
      assertThat(sequences.stream().map(PackedSequence::getSequenceNumber))
          .containsExactlyElementsOf(
              IntStream.range(0, sequences.size()).mapToObj(i -> (long) i).toList());
      for (PackedSequence sequence : sequences) {
        assertThat(PackedSequences.tokens(sequence))
            .isLessThanOrEqualTo(PreparationFixture.PACK_LENGTH);
        int[] ids = PackedSequences.tokenIds(sequence);
        int[] starts = PackedSequences.documentStarts(sequence);
        for (int piece = 0; piece + 1 < starts.length; piece++) {
          for (int i = starts[piece]; i < starts[piece + 1]; i++) {
            if (ids[i] == PreparationFixture.END) {
              assertThat(i).isEqualTo(starts[piece + 1] - 1);
              ends++;
            } else {
              assertThat(i == starts[piece] || ids[i] == ids[i - 1] + 1).isTrue();
              tokens.add(ids[i]);
            }
          }
        }
      }
      assertThat(split == Split.TRAIN ? progress.tally().train() : progress.tally().heldout())
          .isEqualTo(sequences.size());
    }
    assertThat(tokens).doesNotHaveDuplicates().hasSize(fixture.tokens());
    assertThat(ends).isEqualTo(fixture.documents());
    List<Tally> progress =
        IntStream.range(0, fixture.partitions)
            .mapToObj(fixture::progress)
            .map(PartitionProgress::tally)
            .toList();
    assertThat(sum(progress, Tally::prepared)).isEqualTo(fixture.documents());
    assertThat(sum(progress, Tally::rejected)).isEqualTo(fixture.poison());
    assertThat(sum(progress, Tally::tokens)).isEqualTo(fixture.tokens() + fixture.documents());
    assertThat(sum(progress, Tally::packedTokens)).isEqualTo(sum(progress, Tally::tokens));

    List<ConsumerRecord<byte[], byte[]>> letters = fixture.committed(fixture.names.deadLetters());
    assertThat(letters).hasSize(fixture.poison());
    assertThat(letters.stream().map(letter -> new String(letter.key(), StandardCharsets.UTF_8)))
        .doesNotHaveDuplicates();
    assertThat(header(letters.getFirst(), "x-reason"))
        .isEqualTo(
            "neither a CloudEvent (header ce_specversion) nor text/plain or application/json"
                + " (header content-type), and the dataset takes no plain values");
    assertThat(header(letters.getFirst(), "x-original-offset")).matches("\\d+");
  }

  private static long sum(List<Tally> partitions, ToLongFunction<Tally> count) {
    return partitions.stream().mapToLong(count).sum();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }

  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(Duration.ofSeconds(120).toMillis(), TimeUnit.MILLISECONDS)) {
        throw new KafkaException("nobody went on");
      }
    } catch (InterruptedException e) {
      throw new KafkaException(e);
    }
  }
}
