package io.millrace.platform.kafka;

import io.millrace.platform.MillraceProperties;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Makes topics as the settings want them, and looks whether those that are there are so. */
final class TopicMaker {
  private static final Duration POLL = Duration.ofMillis(50);

  private final Admin admin;
  private final AdminCalls calls;
  private final MillraceProperties.Kafka settings;

  TopicMaker(Admin admin, AdminCalls calls, MillraceProperties.Kafka settings) {
    this.admin = admin;
    this.calls = calls;
    this.settings = settings;
  }

  /** As {@link KafkaClients#ensureTopic}. */
  void ensure(TopicSpec topic) {
    // Asked first, as whoever finds the topics made for it need not be permitted to make any.
    if (exists(topic.name())) {
      requirePartitions(topic);
      return;
    }
    try {
      make(topic);
      awaitPartitions(topic.name());
    } catch (TopicExistsException expected) {
      requirePartitions(topic);
    }
  }

  /** As {@link KafkaClients#partitions}. */
  int partitions(String topic) {
    KafkaFuture<TopicDescription> described =
        admin.describeTopics(List.of(topic)).topicNameValues().get(topic);
    if (described == null) {
      throw new IllegalStateException("no description of topic " + topic);
    }
    return calls.get(described, "describe topic " + topic).partitions().size();
  }

  /**
   * A broker that has just started, or that the controller has not heard of for a while, answers
   * but is given no partitions yet.
   */
  private void make(TopicSpec topic) {
    Map<String, String> configuration = new HashMap<>(topic.configuration());
    configuration.put(
        TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Long.toString(settings.maxMessageSize().toBytes()));
    configuration.put(
        TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, Short.toString(settings.minInsyncReplicas()));
    NewTopic wanted =
        new NewTopic(topic.name(), topic.partitions(), settings.replicationFactor())
            .configs(configuration);
    String what = "make topic " + topic.name();
    long limit = System.nanoTime() + settings.adminTimeout().toNanos();
    while (true) {
      try {
        calls.get(admin.createTopics(List.of(wanted)).all(), what);
        return;
      } catch (InvalidReplicationFactorException e) {
        if (!String.valueOf(e.getMessage()).contains("fenced")) {
          throw e;
        }
        if (System.nanoTime() > limit) {
          throw new MillraceException(
              ErrorCode.UNAVAILABLE,
              "cannot %s: the brokers at %s take no topics yet: %s"
                  .formatted(what, settings.bootstrapServers(), e.getMessage()),
              e);
        }
        LockSupport.parkNanos(POLL.toNanos());
      }
    }
  }

  private boolean exists(String topic) {
    try {
      return partitions(topic) > 0;
    } catch (UnknownTopicOrPartitionException e) {
      return false;
    }
  }

  private void requirePartitions(TopicSpec topic) {
    int partitions = awaitPartitions(topic.name());
    if (partitions != topic.partitions()) {
      throw MillraceException.precondition(
          String.format(
              Locale.ROOT,
              "topic %s has %d partitions, %d are wanted; delete it or change the setting",
              topic.name(),
              partitions,
              topic.partitions()));
    }
  }

  /**
   * A topic that was made a moment ago, maybe by another service, is not known everywhere at once.
   */
  private int awaitPartitions(String topic) {
    long limit = System.nanoTime() + settings.adminTimeout().toNanos();
    while (true) {
      try {
        return partitions(topic);
      } catch (UnknownTopicOrPartitionException unknown) {
        if (System.nanoTime() > limit) {
          throw unknown;
        }
        LockSupport.parkNanos(POLL.toNanos());
      }
    }
  }
}
