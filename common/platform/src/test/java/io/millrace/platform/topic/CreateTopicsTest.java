package io.millrace.platform.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.Topics;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.kafka.TestKafka;
import io.millrace.platform.kafka.TopicSpec;
import io.millrace.testing.TestServers;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;

class CreateTopicsTest {

  @Test
  void makesTheSharedTopicsOnce() throws Exception {
    String prefix = TestServers.freshPrefix();

    run(prefix);
    run(prefix);

    try (KafkaClients kafka = TestKafka.clients()) {
      assertThat(cleanup(kafka, prefix + "datasets")).isEqualTo("delete");
      for (String topic :
          List.of("runs", "checkpoints", "checkpoints.dlt", "promotions", "models")) {
        assertThat(cleanup(kafka, prefix + topic)).as(topic).isEqualTo("compact");
      }
      assertThat(kafka.admin().listTopics().names().get())
          .filteredOn(topic -> topic.startsWith(prefix))
          .hasSize(6);
    }
  }

  @Test
  void leavesATopicThatIsThereAsItIs() throws Exception {
    String prefix = TestServers.freshPrefix();
    try (KafkaClients kafka = TestKafka.clients()) {
      kafka.ensureTopic(TopicSpec.keeping(prefix + "runs", 1));

      run(prefix);

      assertThat(cleanup(kafka, prefix + "runs")).isEqualTo("delete");
    }
  }

  @Test
  void refusesATopicWithOtherPartitions() {
    String prefix = TestServers.freshPrefix();
    try (KafkaClients kafka = TestKafka.clients()) {
      kafka.ensureTopic(TopicSpec.compacted(new Topics(prefix).models(), 3));
    }

    assertThatThrownBy(() -> run(prefix))
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining("topic " + prefix + "models has 3 partitions, 1 are wanted");
  }

  @Test
  void saysThatTheClusterDoesNotAnswer() {
    assertThatThrownBy(() ->
            CreateTopics.run(
                "--millrace.kafka.bootstrap-servers=127.0.0.1:1",
                "--millrace.kafka.admin-timeout=1s"))
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining("Kafka at 127.0.0.1:1 does not answer");
  }

  private static void run(String prefix) {
    CreateTopics.run(
        "--millrace.kafka.bootstrap-servers=" + TestServers.kafka().bootstrapServers(),
        "--millrace.kafka.topic-prefix=" + prefix);
  }

  private static String cleanup(KafkaClients kafka, String topic) throws Exception {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    Map<ConfigResource, Config> configs =
        kafka.admin().describeConfigs(List.of(resource)).all().get();
    return configs.values().iterator().next().get("cleanup.policy").value();
  }
}
