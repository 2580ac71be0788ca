package io.millrace.standalone.up;

import java.nio.file.Path;

/**
 * What a standalone platform needs to know.
 *
 * @param home directory that keeps everything
 * @param port REST port of the gateway on the loopback interface
 * @param grpcPort gRPC port of the gateway on the loopback interface
 * @param kafkaPort port of Kafka on the loopback interface; 0: any free one
 * @param device {@code auto}, {@code cpu} or {@code cuda:N}
 */
public record PlatformSettings(Path home, int port, int grpcPort, int kafkaPort, String device) {

  /** With Kafka at any free port. */
  public PlatformSettings(Path home, int port, int grpcPort, String device) {
    this(home, port, grpcPort, 0, device);
  }
}
