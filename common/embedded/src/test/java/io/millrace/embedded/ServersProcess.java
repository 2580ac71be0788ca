package io.millrace.embedded;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** Both servers in a process of its own, which writes to them, says so, and waits to be killed. */
final class ServersProcess {
  private ServersProcess() {}

  public static void main(String[] arguments) throws Exception {
    Path directory = Path.of(arguments[0]);
    EmbeddedPostgres postgres = EmbeddedPostgres.start(directory.resolve("postgres"));
    EmbeddedKafka kafka = EmbeddedKafka.start(directory.resolve("kafka"), 0);
    postgres.ensureDatabase("millrace");
    try (Connection connection =
        DriverManager.getConnection(
            postgres.jdbcUrl("millrace"), postgres.user(), postgres.password())) {
      connection.createStatement().execute("create table kept as select 'zwölf' as value");
    }
    Map<String, Object> settings = Map.of("bootstrap.servers", kafka.bootstrapServers());
    try (Admin admin = Admin.create(settings)) {
      admin.createTopics(java.util.List.of(new NewTopic("kept", 1, (short) 1))).all().get();
    }
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      for (int i = 0; i < 100; i++) {
        producer.send(new ProducerRecord<>("kept", "record " + i));
      }
    }
    // In one step, so that whoever waits for it finds it whole.
    Path written =
        Files.writeString(directory.resolve("port"), postgres.port() + "", StandardCharsets.UTF_8);
    Files.move(written, directory.resolve("ready"), StandardCopyOption.ATOMIC_MOVE);
    Thread.sleep(Long.MAX_VALUE);
  }
}
