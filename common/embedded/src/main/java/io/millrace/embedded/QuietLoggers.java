package io.millrace.embedded;

import java.util.Map;

/**
 * Loggers of the embedded servers and the level at which they are bearable. The platform's default
 * configuration and {@code logback-test.xml} of the test fixtures set the same ones.
 */
public final class QuietLoggers {
  /** Logger name to level. */
  public static final Map<String, String> LEVELS =
      Map.of(
          "org.apache.kafka", "WARN",
          "kafka", "WARN",
          "state.change.logger", "WARN",
          // Warns that a new cluster's metadata log is empty.
          "org.apache.kafka.controller.QuorumController", "ERROR",
          // Warns about every setting that is not its own.
          "org.apache.kafka.common.config.AbstractConfig", "ERROR",
          // Warns about JMX names of clients with equal ids in one process.
          "org.apache.kafka.common.utils.AppInfoParser", "ERROR");

  private QuietLoggers() {}
}
