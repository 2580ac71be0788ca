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
 * @param gzip whether the broker keeps it compressed with gzip, whatever producers send
 */
public record TopicSpec(String name, int partitions, Cleanup cleanup, boolean gzip) {

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
    return new TopicSpec(name, partitions, Cleanup.KEEP, false);
  }

  /** A topic that keeps the newest record of each key. */
  public static TopicSpec compacted(String name, int partitions) {
    return new TopicSpec(name, partitions, Cleanup.COMPACT, false);
  }

  /** The same, kept in a compression that clients in every language read. */
  public TopicSpec gzipped() {
    return new TopicSpec(name, partitions, cleanup, true);
  }

  Map<String, String> configuration() {
    Map<String, String> configuration = new LinkedHashMap<>();
    if (gzip) {
      configuration.put(TopicConfig.COMPRESSION_TYPE_CONFIG, "gzip");
    }
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
