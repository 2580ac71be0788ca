package io.millrace.platform.event;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.Headers;

/**
 * Writes records that could not be handled to {@code <topic>.dlt}: value and headers as they were,
 * and headers {@code x-original-topic}, {@code -partition}, {@code -offset}, {@code -key} and
 * {@code x-reader}, {@code x-reason}, {@code x-exception}, {@code x-attempts}.
 *
 * <p>The letter's key is reader, topic, partition and offset, and the topic is compacted: a record
 * that is read and refused again after a restart replaces its earlier letter.
 */
final class DeadLetters implements AutoCloseable {
  private final String reader;
  private final Producer<byte[], byte[]> producer;

  DeadLetters(String reader, Producer<byte[], byte[]> producer) {
    this.reader = reader;
    this.producer = producer;
  }

  static String topic(String topic) {
    return topic + ".dlt";
  }

  /** Returns once Kafka has acknowledged the letter. */
  void write(ConsumerRecord<byte[], byte[]> record, Exception reason, int attempts)
      throws InterruptedException {
    String origin = record.topic() + "-" + record.partition() + "@" + record.offset();
    ProducerRecord<byte[], byte[]> letter =
        new ProducerRecord<>(topic(record.topic()), bytes(reader + "/" + origin), record.value());
    Headers headers = letter.headers();
    record.headers().forEach(headers::add);
    headers.add("x-original-topic", bytes(record.topic()));
    headers.add("x-original-partition", bytes(Integer.toString(record.partition())));
    headers.add("x-original-offset", bytes(Long.toString(record.offset())));
    headers.add("x-original-key", record.key());
    headers.add("x-reader", bytes(reader));
    headers.add("x-reason", bytes(String.valueOf(reason.getMessage())));
    headers.add("x-exception", bytes(reason.getClass().getName()));
    headers.add("x-attempts", bytes(Integer.toString(attempts)));
    try {
      producer.send(letter).get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException kafka ? kafka : new KafkaException(e.getCause());
    }
  }

  @Override
  public void close() {
    // Every letter was waited for.
    producer.close(Duration.ZERO);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
