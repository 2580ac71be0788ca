package io.millrace.platform.kafka;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.config.TopicConfig;

/**
 * A topic as the platform wants it; replication comes from the settings.
 *
 * @param name full name, with the prefix
 * @param partitions at least 1
 * @param cleanup what the broker may delete
 */
public record TopicSpec(String name, int partitions, Cleanup cleanup) {

  /** What the broker may delete. */
  public enum Cleanup {
    /** Nothing, ever. */
    KEEP,
    /** All but the newest record of each key. */
    COMPACT
  }

  /** Checks the number of partitions. */
  public TopicSpec {
    if (partitions < 1) {
      throw new IllegalArgumentException("topic " + name + ": partitions must be at least 1");
    }
  }

  /** A topic that keeps every record. */
  public static TopicSpec keeping(String name, int partitions) {
    return new TopicSpec(name, partitions, Cleanup.KEEP);
  }

  /** A topic that keeps the newest record of each key. */
  public static TopicSpec compacted(String name, int partitions) {
    return new TopicSpec(name, partitions, Cleanup.COMPACT);
  }

  Map<String, String> configuration() {
    Map<String, String> configuration = new LinkedHashMap<>();
    switch (cleanup) {
      case KEEP -> {
        configuration.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE);
        configuration.put(TopicConfig.RETENTION_MS_CONFIG, "-1");
        configuration.put(TopicConfig.RETENTION_BYTES_CONFIG, "-1");
      }
      case COMPACT ->
          configuration.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT);
    }
    return configuration;
  }
}
