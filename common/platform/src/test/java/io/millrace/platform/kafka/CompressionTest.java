package io.millrace.platform.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.testing.TestServers;
import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.record.CompressionType;
import org.apache.kafka.common.record.FileRecords;
import org.apache.kafka.common.record.RecordBatch;
import org.junit.jupiter.api.Test;

/** What other clients have to read is in a compression that they know. */
class CompressionTest {

  @Test
  void eventsAreReadableByEveryClient() throws Exception {
    String prefix = TestServers.freshPrefix();
    try (KafkaClients kafka = TestKafka.clients()) {
      TopicSpec events = TopicSpec.keeping(prefix + "events", 1);
      TopicSpec bulk = TopicSpec.keeping(prefix + "bulk", 1);
      TopicSpec letters = TopicSpec.keeping(prefix + "letters", 1).gzipped();
      List.of(events, bulk, letters).forEach(kafka::ensureTopic);
      try (Producer<byte[], byte[]> producer = kafka.producer("events");
          Producer<byte[], byte[]> bulkProducer = kafka.bulkProducer("bulk")) {
        producer.send(new ProducerRecord<>(events.name(), new byte[1000])).get();
        bulkProducer.send(new ProducerRecord<>(bulk.name(), new byte[1000])).get();
        bulkProducer.send(new ProducerRecord<>(letters.name(), new byte[1000])).get();
      }
      assertThat(compression(kafka, events)).isEqualTo(CompressionType.GZIP);
      assertThat(compression(kafka, bulk)).isEqualTo(CompressionType.LZ4);
      assertThat(compression(kafka, letters)).isEqualTo(CompressionType.GZIP);
    }
  }

  /** As the broker keeps the first batch of the topic. */
  private static CompressionType compression(KafkaClients kafka, TopicSpec topic) throws Exception {
    int broker =
        kafka.admin().describeCluster().nodes().get().stream().findFirst().orElseThrow().id();
    String directory =
        kafka.admin().describeLogDirs(List.of(broker)).allDescriptions().get().values().stream()
            .flatMap(directories -> directories.keySet().stream())
            .findFirst()
            .orElseThrow();
    Path log = Path.of(directory, topic.name() + "-0", "00000000000000000000.log");
    try (FileRecords records = FileRecords.open(log.toFile(), false)) {
      RecordBatch first = records.batches().iterator().next();
      return first.compressionType();
    }
  }
}
