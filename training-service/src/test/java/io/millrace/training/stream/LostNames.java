package io.millrace.training.stream;

import io.millrace.platform.kafka.KafkaTransport;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;

/** Kafka's own clients, once consumers were asked for several times while no name was known. */
final class LostNames implements KafkaTransport {
  private final int fails;
  private final AtomicInteger tries = new AtomicInteger();

  LostNames(int fails) {
    this.fails = fails;
  }

  int tries() {
    return tries.get();
  }

  @Override
  public Producer<byte[], byte[]> producer(Map<String, Object> settings) {
    return NETWORK.producer(settings);
  }

  @Override
  public Consumer<byte[], byte[]> consumer(Map<String, Object> settings) {
    if (tries.getAndIncrement() < fails) {
      throw new KafkaException(
          "Failed to construct kafka consumer",
          new ConfigException("No resolvable bootstrap urls given in bootstrap.servers"));
    }
    return NETWORK.consumer(settings);
  }

  @Override
  public Admin admin(Map<String, Object> settings) {
    return NETWORK.admin(settings);
  }
}
