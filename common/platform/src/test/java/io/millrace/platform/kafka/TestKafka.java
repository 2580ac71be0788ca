package io.millrace.platform.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.platform.KafkaSasl;
import io.millrace.platform.KafkaTls;
import io.millrace.platform.MillraceProperties;
import io.millrace.platform.event.EventCodec;
import io.millrace.platform.event.ReceivedEvent;
import io.millrace.testing.TestServers;
import io.millrace.testing.Waiting;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.springframework.util.unit.DataSize;

/** Clients of the shared broker. */
public final class TestKafka {
  private TestKafka() {}

  /** Clients with the platform's settings. */
  public static KafkaClients clients() {
    return clients(TestServers.kafka().bootstrapServers());
  }

  /** Clients of another broker. */
  public static KafkaClients clients(String bootstrapServers) {
    return clients(bootstrapServers, KafkaTransport.NETWORK);
  }

  /** Clients of a broker by another transport. */
  public static KafkaClients clients(String bootstrapServers, KafkaTransport transport) {
    return new KafkaClients(
        new MillraceProperties.Kafka(
            bootstrapServers,
            "",
            (short) 1,
            (short) 1,
            DataSize.ofMegabytes(15),
            true,
            Duration.ofSeconds(60),
            KafkaTls.OFF,
            KafkaSasl.NONE),
        transport);
  }

  /** All events of a topic, once there are as many as expected, and a little time for more. */
  public static List<ReceivedEvent> readAll(KafkaClients kafka, String topic, int expected) {
    EventCodec codec = new EventCodec(URI.create("/test"), Clock.systemUTC());
    return readRecords(kafka, topic, expected).stream().map(codec::decode).toList();
  }

  /** All records of a topic, once there are as many as expected, and a little time for more. */
  public static List<ConsumerRecord<byte[], byte[]>> readRecords(
      KafkaClients kafka, String topic, int expected) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (Consumer<byte[], byte[]> consumer = kafka.consumer("test-reader")) {
      List<TopicPartition> partitions =
          IntStream.range(0, kafka.partitions(topic))
              .mapToObj(partition -> new TopicPartition(topic, partition))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long end = System.nanoTime() + Waiting.TIMEOUT.toNanos();
      while (records.size() < expected && System.nanoTime() < end) {
        consumer.poll(Duration.ofMillis(200)).forEach(records::add);
      }
      consumer.poll(Duration.ofMillis(200)).forEach(records::add);
    }
    assertThat(records).hasSize(expected);
    return records;
  }
}
