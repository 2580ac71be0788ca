package io.millrace.platform.kafka;

import io.millrace.platform.MillraceProperties;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.record.CompressionType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** What Kafka's clients are told, so that they keep the platform's promises. */
final class ClientSettings {
  private final MillraceProperties.Kafka settings;
  private final Map<String, Object> security;

  ClientSettings(MillraceProperties.Kafka settings) {
    this.settings = settings;
    this.security = KafkaSecurity.of(settings);
  }

  /** Of an idempotent producer. */
  Map<String, Object> producer(String clientId, CompressionType compression) {
    Map<String, Object> producer = common(clientId);
    producer.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    producer.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    producer.put(ProducerConfig.ACKS_CONFIG, "all");
    producer.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    producer.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, compression.name);
    producer.put(ProducerConfig.LINGER_MS_CONFIG, 2);
    // Less than those who wait for an acknowledgement give it, so that they learn why there is
    // none.
    producer.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 20_000);
    producer.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, maxMessageBytes());
    // One batch must hold the largest record, and a burst of them must not block the caller.
    producer.put(ProducerConfig.BUFFER_MEMORY_CONFIG, Math.max(4L * maxMessageBytes(), 1 << 25));
    return producer;
  }

  /** Of a consumer that knows its position, in a group or not. */
  Map<String, Object> consumer(String clientId) {
    Map<String, Object> consumer = common(clientId);
    consumer.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    consumer.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    consumer.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    consumer.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    consumer.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    consumer.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    consumer.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, maxMessageBytes());
    consumer.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, Math.max(2 * maxMessageBytes(), 1 << 25));
    // A fetch that waits at the end of the log holds up a reader that jumps back to its beginning.
    consumer.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 100);
    return consumer;
  }

  private int maxMessageBytes() {
    return Math.toIntExact(settings.maxMessageSize().toBytes());
  }

  /** Of every client. */
  Map<String, Object> common(String clientId) {
    Map<String, Object> common = new HashMap<>();
    common.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrapServers());
    common.put(CommonClientConfigs.CLIENT_ID_CONFIG, clientId);
    common.putAll(security);
    // Metrics go through Micrometer; JMX beans of equal client ids would collide in one process.
    common.put(CommonClientConfigs.METRIC_REPORTER_CLASSES_CONFIG, "");
    common.put("enable.metrics.push", false);
    return common;
  }
}
