package io.millrace.platform.kafka;

import io.millrace.testing.OpenCount;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;

/** Kafka's own clients, counted, of which either producers or consumers cannot be made. */
public final class HalfOfKafka implements KafkaTransport {
  private final boolean producers;
  private final OpenCount count = new OpenCount();

  /** Producers can be made, or else consumers. */
  public HalfOfKafka(boolean producers) {
    this.producers = producers;
  }

  /** The clients that there were. */
  public OpenCount count() {
    return count;
  }

  @Override
  @SuppressWarnings("unchecked")
  public Producer<byte[], byte[]> producer(Map<String, Object> settings) {
    if (!producers) {
      throw new KafkaException("no producers today");
    }
    return count.of(Producer.class, NETWORK.producer(settings));
  }

  @Override
  @SuppressWarnings("unchecked")
  public Consumer<byte[], byte[]> consumer(Map<String, Object> settings) {
    if (producers) {
      throw new KafkaException("no consumers today");
    }
    return count.of(Consumer.class, NETWORK.consumer(settings));
  }

  @Override
  public Admin admin(Map<String, Object> settings) {
    return NETWORK.admin(settings);
  }
}
