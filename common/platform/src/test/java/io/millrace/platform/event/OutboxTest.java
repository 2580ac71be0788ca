package io.millrace.platform.event;

import static io.millrace.testing.Waiting.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import com.google.protobuf.StringValue;
import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.kafka.TestKafka;
import io.millrace.platform.kafka.TopicSpec;
import io.millrace.platform.metric.OutboxMeters;
import io.millrace.platform.trace.TracedSpan;
import io.millrace.platform.trace.Traces;
import io.millrace.platform.vital.VitalThreads;
import io.millrace.testing.TestServers;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

class OutboxTest {
  private final String topic = TestServers.freshPrefix() + "things";
  private final EventCodec codec = new EventCodec(URI.create("/test"), Clock.systemUTC());
  private final VitalThreads threads = new VitalThreads();
  private final List<OutboxRelay> relays = new ArrayList<>();
  private HikariDataSource dataSource;
  private KafkaClients kafka;
  private JdbcClient jdbc;
  private TransactionTemplate transactions;
  private Outbox outbox;

  @BeforeEach
  void open() {
    TestServers.Database database = TestServers.freshDatabase();
    dataSource = new HikariDataSource();
    dataSource.setJdbcUrl(database.url());
    dataSource.setUsername(database.user());
    dataSource.setPassword(database.password());
    Flyway.configure()
        .dataSource(dataSource)
        .locations("classpath:db/millrace/outbox")
        .load()
        .migrate();
    jdbc = JdbcClient.create(dataSource);
    transactions = new TransactionTemplate(new JdbcTransactionManager(dataSource));
    outbox = new Outbox(jdbc, Clock.systemUTC(), () -> relays.forEach(OutboxRelay::wake));
    kafka = TestKafka.clients();
    kafka.ensureTopic(TopicSpec.keeping(topic, 3));
  }

  @AfterEach
  void close() {
    relays.forEach(OutboxRelay::stop);
    kafka.close();
    dataSource.close();
  }

  @Test
  void eventsCarryTheTraceInWhichTheyWereDecidedOn() {
    String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    try (OpenTelemetrySdk telemetry =
            OpenTelemetrySdk.builder()
                .setTracerProvider(SdkTracerProvider.builder().build())
                .build();
        TracedSpan span =
            new Traces(telemetry)
                .begin("work", SpanKind.INTERNAL, "00-" + trace + "-00f067aa0ba902b7-01")) {
      transactions.executeWithoutResult(status -> outbox.append(topic, "a", "t", text("traced")));
      span.tag("done", 1);
    }
    transactions.executeWithoutResult(status -> outbox.append(topic, "b", "t", text("not")));
    // By another thread, after the span's end.
    relay(() -> {}).start();

    assertThat(TestKafka.readAll(kafka, topic, 2))
        .satisfiesExactlyInAnyOrder(
            traced -> assertThat(traced.traceparent()).startsWith("00-" + trace).endsWith("-01"),
            other -> assertThat(other.traceparent()).isNull());
  }

  @Test
  void tellsHowManyEventsWaitAndHowLong() {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    OutboxMeters sampled = new OutboxMeters(jdbc, meters);
    sampled.sample();
    assertThat(meters.get("millrace.outbox.age").gauge().value()).isZero();

    transactions.executeWithoutResult(status -> outbox.append(topic, "a", "t", text("one")));
    transactions.executeWithoutResult(status -> outbox.append(topic, "a", "t", text("two")));
    jdbc.sql("update outbox set time = time - interval '90 seconds'").update();
    sampled.sample();

    assertThat(meters.get("millrace.outbox.pending").gauge().value()).isEqualTo(2);
    assertThat(meters.get("millrace.outbox.age").gauge().value()).isBetween(90.0, 120.0);
  }

  @Test
  void publishesWhatWasCommittedAndNothingElse() {
    relay(() -> {}).start();

    transactions.executeWithoutResult(status -> outbox.append(topic, "a", "t", text("kept")));
    assertThatThrownBy(() ->
            transactions.executeWithoutResult(status -> {
              outbox.append(topic, "a", "t", text("rolled back"));
              throw new IllegalStateException("no");
            }))
        .hasMessage("no");
    transactions.executeWithoutResult(status -> outbox.append(topic, "a", "t", text("last")));

    assertThat(texts(TestKafka.readAll(kafka, topic, 2))).containsExactly("kept", "last");
    await().untilAsserted(() -> assertThat(outbox.pending()).isZero());
  }

  @Test
  void needsATransaction() {
    assertThatThrownBy(() -> outbox.append(topic, "a", "t", text("x")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("transaction");
  }

  @Test
  void refusesAnEventThatKafkaWouldRefuseForEver() {
    BytesValue large = BytesValue.of(ByteString.copyFrom(new byte[Outbox.MAX_PAYLOAD + 1]));

    assertThatThrownBy(() -> transactions.execute(status -> outbox.append(topic, "a", "t", large)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** The relay dies after Kafka's acknowledgement and before the deletion. */
  @Test
  void repeatsTheSameEventIdAfterACrashBetweenPublishAndDelete() {
    AtomicBoolean crashed = new AtomicBoolean();
    OutboxRelay dying =
        relay(() -> {
          crashed.set(true);
          // A relay goes on after an error, but not after this.
          Thread.currentThread().interrupt();
          throw new Crash();
        });
    UUID id = transactions.execute(status -> outbox.append(topic, "a", "t", text("once")));
    dying.start();
    await().dontCatchUncaughtExceptions().untilTrue(crashed);
    await().untilAsserted(() -> assertThat(outbox.pending()).isOne());

    relay(() -> {}).start();
    List<ReceivedEvent> events = TestKafka.readAll(kafka, topic, 2);

    assertThat(events).extracting(ReceivedEvent::id).containsExactly(id + "", id + "");
    assertThat(texts(events)).containsExactly("once", "once");
    await().untilAsserted(() -> assertThat(outbox.pending()).isZero());
  }

  /** Kafka never takes a record of this size. */
  @Test
  void stopsAtTheFirstSendThatFailsAndRepeatsNothing() {
    OutboxRelay relay = relay(() -> {});
    append("a", "first");
    append("a", "too large");
    append("a", "last");
    append("b", "of another key");
    String tooLarge = "x".repeat(16 << 20);
    jdbc.sql("update outbox set payload = :payload where position = 2")
        .param("payload", text(tooLarge).toByteArray())
        .update();

    relay.start();

    await().untilAsserted(() -> assertThat(relay.failure()).contains("RecordTooLargeException"));
    await().untilAsserted(() -> assertThat(outbox.pending()).isEqualTo(2));
    jdbc.sql("delete from outbox where position = 2").update();
    await().untilAsserted(() -> assertThat(outbox.pending()).isZero());
    assertThat(texts(TestKafka.readAll(kafka, topic, 3)))
        .containsSubsequence("first", "last")
        .contains("of another key");
    await().untilAsserted(() -> assertThat(relay.failure()).isNull());
  }

  @Test
  void goesOnAfterAnError() {
    AtomicBoolean failed = new AtomicBoolean();
    relay(
            () -> {
              if (failed.compareAndSet(false, true)) {
                throw new Crash();
              }
            })
        .start();

    append("a", "x");

    await().untilAsserted(() -> assertThat(outbox.pending()).isZero());
    assertThat(failed).isTrue();
  }

  private void append(String key, String text) {
    transactions.executeWithoutResult(status -> outbox.append(topic, key, "t", text(text)));
  }

  /** Nobody interrupts a relay but a stranger, and then it has no next try. */
  @Test
  void isKnownAsDeadOnceItsThreadHasEnded() {
    OutboxRelay relay = relay(() -> Thread.currentThread().interrupt());
    relay.start();
    transactions.executeWithoutResult(status -> outbox.append(topic, "a", "t", text("x")));

    await()
        .untilAsserted(
            () -> assertThat(threads.dead()).singleElement().asString().contains("outbox-relay"));
    relay.stop();
    assertThat(threads.dead()).as("its end was wanted").isEmpty();
  }

  @Test
  void goesOnAfterAFailure() {
    AtomicBoolean away = new AtomicBoolean(true);
    OutboxRelay relay =
        relay(() -> {
          if (away.get()) {
            throw new IllegalStateException("the database is away");
          }
        });
    transactions.executeWithoutResult(status -> outbox.append(topic, "a", "t", text("x")));
    relay.start();

    await().untilAsserted(() -> assertThat(relay.failure()).isEqualTo("the database is away"));
    away.set(false);
    await().untilAsserted(() -> assertThat(outbox.pending()).isZero());
    await().untilAsserted(() -> assertThat(relay.failure()).isNull());
  }

  /**
   * Several writers and several relays: within a key, events come in the order of their commits.
   */
  @Test
  void keepsTheOrderOfEachKeyWithSeveralRelays() throws Exception {
    for (int i = 0; i < 3; i++) {
      relay(() -> {}).start();
    }
    int perKey = 60;
    AtomicInteger[] counters = {new AtomicInteger(), new AtomicInteger()};
    try (ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> done = new ArrayList<>();
      for (int writer = 0; writer < 4; writer++) {
        String key = writer % 2 == 0 ? "even" : "odd";
        AtomicInteger counter = counters[writer % 2];
        done.add(
            writers.submit(() -> {
              for (int i = 0; i < perKey / 2; i++) {
                transactions.executeWithoutResult(status -> {
                  UUID id = outbox.append(topic, key, "t", text("x"));
                  // The append holds the key's lock, so this is the order of commits.
                  jdbc.sql("update outbox set payload = :payload where event_id = :id")
                      .param("payload", text("" + counter.getAndIncrement()).toByteArray())
                      .param("id", id)
                      .update();
                });
              }
            }));
      }
      for (Future<?> writer : done) {
        writer.get();
      }
    }

    List<ReceivedEvent> events = TestKafka.readAll(kafka, topic, 2 * perKey);
    for (String key : List.of("even", "odd")) {
      List<Integer> numbers =
          events.stream()
              .filter(event -> event.key().equals(key))
              .map(event -> Integer.valueOf(event.payload(StringValue.parser()).getValue()))
              .toList();
      assertThat(numbers).hasSize(perKey).isSorted().doesNotHaveDuplicates();
    }
  }

  private OutboxRelay relay(Runnable afterPublish) {
    OutboxRelay relay = new OutboxRelay(jdbc, transactions, kafka, codec, threads, afterPublish);
    relays.add(relay);
    return relay;
  }

  private static StringValue text(String text) {
    return StringValue.of(text);
  }

  private static List<String> texts(List<ReceivedEvent> events) {
    return events.stream().map(event -> event.payload(StringValue.parser()).getValue()).toList();
  }

  private static final class Crash extends Error {
    private static final long serialVersionUID = 1L;
  }
}
