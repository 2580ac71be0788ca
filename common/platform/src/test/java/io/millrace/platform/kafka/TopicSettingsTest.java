package io.millrace.platform.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.platform.KafkaSasl;
import io.millrace.platform.KafkaTls;
import io.millrace.platform.MillraceProperties;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.testing.TestServers;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

/** Topics, groups and transactional ids follow the settings. */
class TopicSettingsTest {
  private final String prefix = TestServers.freshPrefix();

  @Test
  void giveTopicsTheirSizeAndInSyncReplicas() throws Exception {
    try (KafkaClients kafka = clients((short) 1, (short) 1)) {
      kafka.ensureTopic(TopicSpec.keeping(prefix + "a", 3));

      ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, prefix + "a");
      Map<ConfigResource, Config> described =
          kafka.admin().describeConfigs(List.of(topic)).all().get();
      Config config = Objects.requireNonNull(described.get(topic));
      assertThat(config.get("min.insync.replicas").value()).isEqualTo("1");
      assertThat(config.get("min.insync.replicas").isDefault()).isFalse();
      assertThat(config.get("max.message.bytes").value()).isEqualTo("3145728");
      assertThat(config.get("retention.ms").value()).isEqualTo("-1");
      assertThat(kafka.partitions(prefix + "a")).isEqualTo(3);
    }
  }

  @Test
  void giveTopicsTheirReplicas() {
    try (KafkaClients kafka = clients((short) 2, (short) 1)) {
      // There is one broker.
      assertThatThrownBy(() -> kafka.ensureTopic(TopicSpec.compacted(prefix + "a", 1)))
          .isInstanceOf(InvalidReplicationFactorException.class);
    }
  }

  /**
   * As of a broker that has started a moment ago, or whose machine is too busy for its heartbeat.
   */
  @Test
  void waitForABrokerThatTakesNoTopicsYet() {
    AtomicInteger asked = new AtomicInteger();
    try (KafkaClients kafka =
        new KafkaClients(
            settings((short) 1, (short) 1, Duration.ofSeconds(60)),
            new FencedAtFirst(asked, /* times= */ 2))) {
      kafka.ensureTopic(TopicSpec.keeping(prefix + "a", 1));

      assertThat(asked).hasValue(3);
      assertThat(kafka.partitions(prefix + "a")).isEqualTo(1);
    }
    try (KafkaClients kafka =
        new KafkaClients(
            settings((short) 1, (short) 1, Duration.ofMillis(300)),
            new FencedAtFirst(asked, Integer.MAX_VALUE))) {
      assertThatThrownBy(() -> kafka.ensureTopic(TopicSpec.keeping(prefix + "b", 1)))
          .isInstanceOfSatisfying(
              MillraceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
    }
  }

  /** The shared broker, which is said to be fenced for the first topics that it is to make. */
  private record FencedAtFirst(AtomicInteger asked, int times) implements KafkaTransport {
    @Override
    public Producer<byte[], byte[]> producer(Map<String, Object> settings) {
      return NETWORK.producer(settings);
    }

    @Override
    public Consumer<byte[], byte[]> consumer(Map<String, Object> settings) {
      return NETWORK.consumer(settings);
    }

    @Override
    public Admin admin(Map<String, Object> settings) {
      Admin admin = NETWORK.admin(settings);
      return (Admin)
          Proxy.newProxyInstance(
              Admin.class.getClassLoader(),
              new Class<?>[] {Admin.class},
              (proxy, method, arguments) -> {
                if (method.getName().equals("createTopics") && asked.getAndIncrement() < times) {
                  throw new InvalidReplicationFactorException(
                      "Unable to replicate the partition 1 time(s): All brokers are currently fenced.");
                }
                return method.invoke(admin, arguments);
              });
    }
  }

  @Test
  void areNotAskedOfTopicsThatAreThere() {
    try (KafkaClients kafka = clients((short) 1, (short) 1);
        KafkaClients other = clients((short) 2, (short) 1)) {
      kafka.ensureTopic(TopicSpec.keeping(prefix + "a", 1));

      other.ensureTopic(TopicSpec.keeping(prefix + "a", 1));
      assertThatThrownBy(() -> other.ensureTopic(TopicSpec.keeping(prefix + "a", 2)))
          .isInstanceOf(MillraceException.class)
          .hasMessageContaining("has 1 partitions, 2 are wanted");
    }
  }

  @Test
  void prefixGroupsAndTransactionalIds() throws Exception {
    try (KafkaClients kafka = clients((short) 1, (short) 1);
        Consumer<byte[], byte[]> consumer = kafka.positionedGroupConsumer("test", "group");
        Producer<byte[], byte[]> producer = kafka.transactionalProducer("test", "id")) {
      kafka.ensureTopic(TopicSpec.keeping(prefix + "a", 1));
      assertThat(consumer.groupMetadata().groupId()).isEqualTo(prefix + "group");
      producer.initTransactions();
      producer.beginTransaction();
      producer.sendOffsetsToTransaction(
          Map.of(new TopicPartition(prefix + "a", 0), new OffsetAndMetadata(0)),
          consumer.groupMetadata());
      producer.commitTransaction();

      assertThat(kafka.admin().listTransactions().all().get())
          .anyMatch(transaction -> transaction.transactionalId().equals(prefix + "id"));
    }
  }

  private MillraceProperties.Kafka settings(short replicas, short insync, Duration patience) {
    return new MillraceProperties.Kafka(
        TestServers.kafka().bootstrapServers(),
        prefix,
        replicas,
        insync,
        DataSize.ofMegabytes(3),
        true,
        patience,
        KafkaTls.OFF,
        KafkaSasl.NONE);
  }

  private KafkaClients clients(short replicas, short insync) {
    return new KafkaClients(settings(replicas, insync, Duration.ofSeconds(60)));
  }
}
