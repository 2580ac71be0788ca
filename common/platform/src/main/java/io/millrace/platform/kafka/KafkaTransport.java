package io.millrace.platform.kafka;

import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;

/** Makes Kafka's own clients from their settings; a simulation makes those of a log in memory. */
public interface KafkaTransport {
  /** Clients that speak to a cluster. */
  KafkaTransport NETWORK =
      new KafkaTransport() {
        @Override
        public Producer<byte[], byte[]> producer(Map<String, Object> settings) {
          return new KafkaProducer<>(settings);
        }

        @Override
        public Consumer<byte[], byte[]> consumer(Map<String, Object> settings) {
          return new KafkaConsumer<>(settings);
        }

        @Override
        public Admin admin(Map<String, Object> settings) {
          return Admin.create(settings);
        }
      };

  /** A producer, transactional if the settings name a transactional id. */
  Producer<byte[], byte[]> producer(Map<String, Object> settings);

  /** A consumer, of a group if the settings name one. */
  Consumer<byte[], byte[]> consumer(Map<String, Object> settings);

  /** An administration client. */
  Admin admin(Map<String, Object> settings);
}
