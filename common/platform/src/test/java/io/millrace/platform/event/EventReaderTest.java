package io.millrace.platform.event;

import static io.millrace.testing.Waiting.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.StringValue;
import io.millrace.platform.event.EventReader.Start;
import io.millrace.platform.kafka.HalfOfKafka;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.kafka.TestKafka;
import io.millrace.platform.kafka.TopicSpec;
import io.millrace.testing.TestServers;
import io.millrace.testing.Waiting;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventReaderTest {
  private final String topic = TestServers.freshPrefix() + "things";
  private final EventCodec codec = new EventCodec(URI.create("/test"), Clock.systemUTC());
  private final ConcurrentLinkedQueue<String> handled = new ConcurrentLinkedQueue<>();
  private KafkaClients kafka;
  private Producer<byte[], byte[]> producer;

  @BeforeEach
  void open() {
    kafka = TestKafka.clients();
    kafka.ensureTopic(TopicSpec.compacted(topic, 1));
    producer = kafka.producer("test");
  }

  @AfterEach
  void close() {
    producer.close();
    kafka.close();
  }

  @Test
  void readsFromTheBeginningEveryTimeItStarts() throws Exception {
    send("one");
    send("two");

    for (int start = 0; start < 2; start++) {
      handled.clear();
      try (EventReader reader = start(Start.BEGINNING, this::handle)) {
        assertThat(reader.awaitCaughtUp(Waiting.TIMEOUT)).isTrue();
        assertThat(handled).containsExactly("one", "two");
      }
    }
  }

  @Test
  void readsFromTheEndWhatIsWrittenAfterTheStart() throws Exception {
    send("before");
    try (EventReader reader = start(Start.END, this::handle)) {
      assertThat(reader.awaitCaughtUp(Duration.ZERO)).isTrue();
      send("after");
      await().untilAsserted(() -> assertThat(handled).containsExactly("after"));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void leavesNoClientOpenIfTheOtherCannotBeMade(boolean producers) {
    HalfOfKafka transport = new HalfOfKafka(producers);
    try (KafkaClients half = TestKafka.clients(TestServers.kafka().bootstrapServers(), transport)) {
      assertThatThrownBy(
              () -> EventReader.start(half, codec, "reader", topic, Start.END, this::handle))
          .isInstanceOf(KafkaException.class)
          .hasMessageContaining("today");
    }
    assertThat(transport.count().open()).isZero();
  }

  @Test
  void setsPoisonAsideWithItsReasonAndGoesOn() throws Exception {
    send("one");
    producer.send(new ProducerRecord<>(topic, bytes("key"), bytes("no event"))).get();
    producer.send(new ProducerRecord<>(topic, bytes("key"), null)).get();
    producer.send(codec.encode(topic, "k", "other.type", StringValue.of("refused"))).get();
    send("two");
    EventHandler handler =
        event -> {
          if (event.type().equals("other.type")) {
            throw new IllegalArgumentException("cannot do " + event.type());
          }
          handle(event);
        };

    try (EventReader reader = start(Start.BEGINNING, handler)) {
      assertThat(reader.awaitCaughtUp(Waiting.TIMEOUT)).isTrue();
    }

    assertThat(handled).containsExactly("one", "two");
    List<ConsumerRecord<byte[], byte[]>> letters = TestKafka.readRecords(kafka, topic + ".dlt", 3);
    assertThat(letters)
        .extracting(letter -> header(letter, "x-original-offset"))
        .containsExactly("1", "2", "3");
    assertThat(header(letters.get(0), "x-reason")).contains("not a CloudEvent");
    assertThat(header(letters.get(0), "x-original-key")).isEqualTo("key");
    assertThat(header(letters.get(0), "x-attempts")).isEqualTo("1");
    assertThat(header(letters.get(1), "x-reason")).isEqualTo("no value");
    assertThat(header(letters.get(2), "x-reason")).isEqualTo("cannot do other.type");
    assertThat(header(letters.get(2), "x-attempts")).isEqualTo("4");
    assertThat(header(letters.get(2), "ce_type")).isEqualTo("other.type");
  }

  @Test
  void triesAgainBeforeSettingAside() throws Exception {
    send("one");
    AtomicInteger attempts = new AtomicInteger();
    EventHandler handler =
        event -> {
          if (attempts.incrementAndGet() < 3) {
            throw new IllegalStateException("not yet");
          }
          handle(event);
        };

    try (EventReader reader = start(Start.BEGINNING, handler)) {
      assertThat(reader.awaitCaughtUp(Waiting.TIMEOUT)).isTrue();
    }

    assertThat(handled).containsExactly("one");
    TestKafka.readRecords(kafka, topic + ".dlt", 0);
  }

  /** The topic of dead letters takes nothing for a while: the reader must not go on without. */
  @Test
  void waitsWhileADeadLetterCannotBeWritten() throws Exception {
    byte[] incompressible = new byte[4096];
    new Random(1).nextBytes(incompressible);
    producer.send(new ProducerRecord<>(topic, bytes("key"), incompressible)).get();
    send("two");
    kafka.ensureTopic(TopicSpec.compacted(topic + ".dlt", 1));
    limitDeadLetters("1000");
    int before = 0;
    while (takesDeadLetter(incompressible)) {
      before++;
    }

    try (EventReader reader = start(Start.BEGINNING, this::handle)) {
      await().untilAsserted(() -> assertThat(reader.failure()).contains("dead letter"));
      assertThat(handled).isEmpty();

      limitDeadLetters("1000000");
      assertThat(reader.awaitCaughtUp(Waiting.TIMEOUT)).isTrue();
      assertThat(handled).containsExactly("two");
      await().untilAsserted(() -> assertThat(reader.failure()).isNull());
    }
    TestKafka.readRecords(kafka, topic + ".dlt", before + 1);
  }

  /** A broker follows a changed setting a moment later. */
  private boolean takesDeadLetter(byte[] value) throws InterruptedException {
    try {
      producer.send(new ProducerRecord<>(topic + ".dlt", bytes("key"), value)).get();
      return true;
    } catch (ExecutionException e) {
      assertThat(e).hasCauseInstanceOf(RecordTooLargeException.class);
      return false;
    }
  }

  private EventReader start(Start start, EventHandler handler) {
    return EventReader.start(kafka, codec, "reader", topic, start, handler);
  }

  private void handle(ReceivedEvent event) {
    handled.add(event.payload(StringValue.parser()).getValue());
  }

  private void send(String text) throws Exception {
    producer.send(codec.encode(topic, "key-" + text, "t", StringValue.of(text))).get();
  }

  private void limitDeadLetters(String bytes) throws Exception {
    kafka
        .admin()
        .incrementalAlterConfigs(
            Map.of(
                new ConfigResource(ConfigResource.Type.TOPIC, topic + ".dlt"),
                List.of(
                    new AlterConfigOp(
                        new ConfigEntry("max.message.bytes", bytes), AlterConfigOp.OpType.SET))))
        .all()
        .get();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }
}
