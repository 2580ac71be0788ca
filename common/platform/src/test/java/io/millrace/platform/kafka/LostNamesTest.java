package io.millrace.platform.kafka;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.platform.error.MillraceException;
import io.millrace.testing.TestServers;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

/** Names of brokers that cannot be looked up: a machine whose network is gone knows none. */
class LostNamesTest {
  private static final String UNKNOWN = "kafka.invalid:9092";
  private static final String REASON =
      "no host of millrace.kafka.bootstrap-servers (%s) can be looked up";

  @Test
  void areAClusterThatDoesNotAnswer() {
    String known = TestServers.kafka().bootstrapServers();
    try (KafkaClients kafka = TestKafka.clients(known, new LosingNames())) {
      for (Function<KafkaClients, AutoCloseable> making :
          List.<Function<KafkaClients, AutoCloseable>>of(
              clients -> clients.consumer("c"),
              clients -> clients.groupConsumer("c", "g"),
              clients -> clients.positionedGroupConsumer("c", "g"),
              clients -> clients.producer("c"),
              clients -> clients.bulkProducer("c"),
              clients -> clients.transactionalProducer("c", "t"))) {
        assertThatThrownBy(() -> making.apply(kafka))
            .isInstanceOf(TimeoutException.class)
            .hasMessage(REASON, known);
      }
    }
  }

  @Test
  void areSettingsAtTheStart() {
    assertThatThrownBy(() -> TestKafka.clients(UNKNOWN))
        .isInstanceOf(MillraceException.class)
        .hasMessage(REASON, UNKNOWN);
  }

  /** Kafka's own clients; the administrator's was made while there was a network. */
  private static final class LosingNames implements KafkaTransport {
    @Override
    public Producer<byte[], byte[]> producer(Map<String, Object> settings) {
      return NETWORK.producer(lost(settings));
    }

    @Override
    public Consumer<byte[], byte[]> consumer(Map<String, Object> settings) {
      return NETWORK.consumer(lost(settings));
    }

    @Override
    public Admin admin(Map<String, Object> settings) {
      return NETWORK.admin(settings);
    }

    private static Map<String, Object> lost(Map<String, Object> settings) {
      settings.put("bootstrap.servers", UNKNOWN);
      return settings;
    }
  }
}
