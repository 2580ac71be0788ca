package io.millrace.data.prepare;

import io.millrace.contracts.EventTypes;
import io.millrace.contracts.Topics;
import io.millrace.contracts.Topics.Split;
import io.millrace.contracts.data.v1.Document;
import io.millrace.contracts.data.v1.PackedSequence;
import io.millrace.contracts.record.PackedSequences;
import io.millrace.data.WindowLimits;
import io.millrace.data.document.DocumentReader;
import io.millrace.data.fixture.CommittedRecords;
import io.millrace.data.log.DatasetTopics;
import io.millrace.data.log.PartitionProgress;
import io.millrace.data.log.ProgressLog;
import io.millrace.platform.KafkaSasl;
import io.millrace.platform.KafkaTls;
import io.millrace.platform.MillraceProperties;
import io.millrace.platform.event.EventCodec;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.kafka.KafkaTransport;
import io.millrace.platform.kafka.TopicSpec;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.trace.Traces;
import io.millrace.testing.TestServers;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.springframework.util.unit.DataSize;

/** One text dataset on the shared broker whose tokens are numbers, no two of them equal. */
final class PreparationFixture implements AutoCloseable {
  static final int END = -1 >>> 1;
  static final int PACK_LENGTH = 64;
  static final int LARGEST = 1 << 20;
  static final DataSize MESSAGE = DataSize.ofMegabytes(15);

  final Topics topics = new Topics(TestServers.freshPrefix());
  final KafkaClients kafka = clients(KafkaTransport.NETWORK);
  final DatasetEntry dataset =
      new DatasetEntry("numbers", new Content.Text(PACK_LENGTH, null), 20, Instant.EPOCH);
  final DatasetTopics names = DatasetTopics.of(topics, dataset);
  final EventCodec codec = new EventCodec(URI.create("/test"), Clock.systemUTC());
  private final Producer<byte[], byte[]> producer = kafka.producer("test");
  private final Consumer<byte[], byte[]> consumer = kafka.groupConsumer("test", names.group());
  final int partitions;
  private final RepeatedIds ids;
  Duration restAfter = Duration.ofDays(1);
  private int nextToken;
  private int documents;
  private int poison;

  PreparationFixture() {
    this(1);
  }

  PreparationFixture(int partitions) {
    this(partitions, new RepeatedIds.Keep());
  }

  PreparationFixture(int partitions, RepeatedIds ids) {
    this.partitions = partitions;
    this.ids = ids;
    names.all().forEach(topic -> kafka.ensureTopic(TopicSpec.keeping(topic, partitions)));
  }

  /** Clients of the shared broker by another transport. */
  KafkaClients clients(KafkaTransport transport) {
    return new KafkaClients(
        new MillraceProperties.Kafka(
            TestServers.kafka().bootstrapServers(),
            topics.prefix(),
            (short) 1,
            (short) 1,
            MESSAGE,
            true,
            Duration.ofSeconds(30),
            KafkaTls.OFF,
            KafkaSasl.NONE),
        transport);
  }

  /** Appends documents of 1 to 150 tokens, and one that cannot be read. */
  void append(int count) {
    for (int i = 0; i < count; i++) {
      int length = 1 + (documents * 37) % 150;
      String text =
          IntStream.range(nextToken, nextToken + length)
              .mapToObj(Integer::toString)
              .collect(Collectors.joining(" "));
      nextToken += length;
      Document document = Document.newBuilder().setId("d" + documents++).setText(text).build();
      producer.send(
          codec.encode(names.documents(), document.getId(), EventTypes.DOCUMENT, document));
    }
    producer.send(
        new ProducerRecord<>(names.documents(), ("poison" + poison++).getBytes(), new byte[] {7}));
    producer.flush();
  }

  /** Appends a document of one number. */
  void append(int partition, String id, int token) {
    Document document = Document.newBuilder().setId(id).setText(Integer.toString(token)).build();
    ProducerRecord<byte[], byte[]> event =
        codec.encode(names.documents(), id, EventTypes.DOCUMENT, document);
    producer.send(
        new ProducerRecord<>(
            event.topic(), partition, event.key(), event.value(), event.headers()));
    producer.flush();
  }

  /** Appends a document of one number that was sent in a trace. */
  void append(String id, int token, String traceparent) {
    Document document = Document.newBuilder().setId(id).setText(Integer.toString(token)).build();
    ProducerRecord<byte[], byte[]> event =
        codec.encode(names.documents(), id, EventTypes.DOCUMENT, document);
    Traces.write(event, traceparent);
    producer.send(event);
    producer.flush();
  }

  int tokens() {
    return nextToken;
  }

  int documents() {
    return documents;
  }

  int poison() {
    return poison;
  }

  PartitionWorker worker(PreparationStep.Listener steps, PreparationObserver observer) {
    return worker(0, PreparationFixture::numbers, steps, observer, () -> {});
  }

  PartitionWorker worker(KafkaClients clients) {
    return worker(
        clients,
        0,
        PreparationFixture::numbers,
        (dataset, partition, step) -> {},
        (dataset, before, after, duration) -> {},
        () -> {});
  }

  PartitionWorker worker(
      int partition,
      Function<String, int[]> tokenizer,
      PreparationStep.Listener steps,
      PreparationObserver observer,
      Runnable onCaughtUp) {
    return worker(kafka, partition, tokenizer, steps, observer, onCaughtUp);
  }

  private PartitionWorker worker(
      KafkaClients clients,
      int partition,
      Function<String, int[]> tokenizer,
      PreparationStep.Listener steps,
      PreparationObserver observer,
      Runnable onCaughtUp) {
    WindowProcessor<?> preparation =
        new WindowProcessor<>(
            new DocumentReader(codec, dataset, LARGEST),
            new HeldoutSplit(dataset.heldoutPercent()),
            new TextTransform(
                "numbers",
                new DocumentTokenizer(tokenizer, turns -> List.of(), END),
                PACK_LENGTH,
                List.of()),
            ids);
    return new PartitionWorker(
        clients,
        names,
        "numbers",
        partition,
        preparation,
        new RejectionLetters(names, MESSAGE.toBytes()),
        7,
        new WindowLimits(7, 7, DataSize.ofMegabytes(1), Duration.ofMillis(30)),
        steps,
        observer,
        onCaughtUp,
        restAfter);
  }

  /** The progress that a worker would find now. */
  PartitionProgress progress() {
    return progress(0);
  }

  PartitionProgress progress(int partition) {
    TopicPartition documents = new TopicPartition(names.documents(), partition);
    return new ProgressLog(kafka, names, partition)
        .find(consumer.committed(Set.of(documents)).get(documents));
  }

  long end(int partition) {
    TopicPartition place = new TopicPartition(names.documents(), partition);
    consumer.assign(List.of(place));
    return Objects.requireNonNull(consumer.endOffsets(List.of(place)).get(place));
  }

  /** Runs a worker for each partition until all documents are prepared. */
  void prepareAll() {
    for (int partition = 0; partition < partitions; partition++) {
      long end = end(partition);
      PartitionWorker[] worker = new PartitionWorker[1];
      worker[0] =
          worker(
              partition,
              PreparationFixture::numbers,
              (dataset, at, step) -> {
                // Not earlier: what a crashed worker left open hides the progress.
                if (step == PreparationStep.RECOVERED && progress(at).nextOffset() >= end) {
                  worker[0].stop();
                }
              },
              stopAt(end, () -> worker[0].stop()),
              () -> {});
      worker[0].run();
    }
  }

  static PreparationObserver stopAt(long end, Runnable stop) {
    return (dataset, before, after, duration) -> {
      if (after.nextOffset() >= end) {
        stop.run();
      }
    };
  }

  List<PackedSequence> sequences(Split split, int partition) {
    return records(split, partition).stream()
        .map(record -> PackedSequences.parse(record.value()))
        .toList();
  }

  List<ConsumerRecord<byte[], byte[]>> records(Split split, int partition) {
    return committed(names.of(split)).stream()
        .filter(record -> record.partition() == partition)
        .toList();
  }

  List<ConsumerRecord<byte[], byte[]>> committed(String topic) {
    return CommittedRecords.of(kafka, topic);
  }

  @Override
  public void close() {
    producer.close();
    consumer.close(CloseOptions.timeout(Duration.ZERO));
    kafka.close();
  }

  /** Text is numbers divided by spaces. */
  static int[] numbers(String text) {
    return Arrays.stream(text.split(" ")).mapToInt(Integer::parseInt).toArray();
  }
}
