package io.millrace.simulation;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.DescribeTopicsResult;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartitionInfo;

/** Tells how many partitions topics have. */
public final class SimulatedAdmin {
  private final SimulatedKafka kafka;

  SimulatedAdmin(SimulatedKafka kafka) {
    this.kafka = kafka;
  }

  /** As Kafka's: every topic exists. */
  public DescribeTopicsResult describeTopics(Collection<String> topics) {
    Map<String, KafkaFuture<TopicDescription>> described = new HashMap<>();
    for (String topic : topics) {
      List<TopicPartitionInfo> partitions =
          IntStream.range(0, kafka.partitions(topic))
              .mapToObj(one -> new TopicPartitionInfo(one, Node.noNode(), List.of(), List.of()))
              .toList();
      described.put(
          topic,
          KafkaFuture.completedFuture(
              new TopicDescription(topic, /* internal= */ false, partitions)));
    }
    return new Described(described);
  }

  /** As Kafka's. */
  public void close(Duration timeout) {}

  private static final class Described extends DescribeTopicsResult {
    Described(Map<String, KafkaFuture<TopicDescription>> described) {
      super(null, described);
    }
  }
}
