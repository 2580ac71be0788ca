package io.millrace.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class KafkaAccessTest {
  private static final List<String> TOPICS =
      List.of("documents.a", "documents.a.dlt", "sequences.a", "samples.a", "rows.a", "runs");

  @TempDir private Path directory;

  @Test
  void letsProducersWriteDocumentsAndReadEventsAndNothingElse() throws Exception {
    // An earlier home, whose broker asked nobody for anything.
    try (EmbeddedKafka open = EmbeddedKafka.start(directory, 0);
        Admin admin = Admin.create(Map.of("bootstrap.servers", open.bootstrapServers()))) {
      create(admin, TOPICS);
    }
    try (EmbeddedKafka kafka = start("first")) {
      Map<String, Object> producer = GuardedClients.producer(kafka, "first");
      write(producer, "documents.a");
      Map<String, Object> transactional = new HashMap<>(producer);
      transactional.put("transactional.id", "producer.books");
      writeInTransaction(transactional, "documents.a");
      write(GuardedClients.owner(kafka, "owner"), "runs");
      assertThat(read(producer, "runs", "events.mine")).isEqualTo("text");

      for (String topic :
          List.of("documents.a.dlt", "sequences.a", "samples.a", "rows.a", "runs")) {
        refused(() -> write(producer, topic));
      }
      transactional.put("transactional.id", "prepare.a.0");
      refused(() -> writeInTransaction(transactional, "documents.a"));
      refused(() -> read(producer, "documents.a", "events.mine"));
      refused(() -> read(producer, "runs", "prepare.a"));
      try (Admin admin = Admin.create(producer)) {
        refused(() -> create(admin, List.of("documents.b")));
        refused(() -> admin.deleteTopics(List.of("documents.a")).all().get());
      }
    }
  }

  @Test
  void letsNobodyInWithoutItsPassword() throws Exception {
    start("first").close();
    try (EmbeddedKafka kafka = start("second")) {
      write(GuardedClients.owner(kafka, "owner"), "documents.a");
      write(GuardedClients.producer(kafka, "second"), "documents.a");
      assertThatThrownBy(() -> write(GuardedClients.producer(kafka, "first"), "documents.a"))
          .isInstanceOf(SaslAuthenticationException.class);
      for (String servers : List.of(kafka.bootstrapServers(), kafka.producerServers())) {
        try (Admin admin = Admin.create(GuardedClients.anonymous(servers))) {
          assertThatThrownBy(() -> admin.listTopics().names().get())
              .isInstanceOf(ExecutionException.class);
        }
      }
    }
  }

  private EmbeddedKafka start(String producerPassword) throws Exception {
    EmbeddedKafka kafka =
        EmbeddedKafka.start(directory, 0, new KafkaAccess("owner", producerPassword), reason -> {});
    try (Admin admin = Admin.create(GuardedClients.owner(kafka, "owner"))) {
      List<String> there = List.copyOf(admin.listTopics().names().get());
      create(admin, TOPICS.stream().filter(topic -> !there.contains(topic)).toList());
    }
    return kafka;
  }

  private static void create(Admin admin, List<String> topics) throws Exception {
    Stream<NewTopic> wanted = topics.stream().map(topic -> new NewTopic(topic, 1, (short) 1));
    try {
      admin.createTopics(wanted.toList()).all().get();
    } catch (ExecutionException e) {
      throw (Exception) e.getCause();
    }
  }

  private static void write(Map<String, Object> client, String topic) throws Exception {
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(client, new StringSerializer(), new StringSerializer())) {
      producer.send(new ProducerRecord<>(topic, "text")).get();
    } catch (ExecutionException e) {
      throw (Exception) e.getCause();
    }
  }

  private static void writeInTransaction(Map<String, Object> client, String topic) {
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(client, new StringSerializer(), new StringSerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(topic, "text"));
      producer.commitTransaction();
    }
  }

  /** The first record: a fetch is refused later than a place in a group. */
  private static String read(Map<String, Object> client, String topic, String group) {
    Map<String, Object> settings = new HashMap<>(client);
    settings.put("group.id", group);
    settings.put("auto.offset.reset", "earliest");
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(List.of(topic));
      while (true) {
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
          return record.value();
        }
      }
    }
  }

  private static void refused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .satisfiesAnyOf(
            e -> assertThat(e).isInstanceOf(AuthorizationException.class),
            e -> assertThat(e).hasCauseInstanceOf(AuthorizationException.class));
  }
}
