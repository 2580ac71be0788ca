package io.millrace.standalone.up;

import io.millrace.standalone.terminal.UserError;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of every command that starts the platform. */
public final class PlatformOptions {

  private static final int LAST_PORT = 65_535;

  @Option(
      names = "--home",
      paramLabel = "DIR",
      defaultValue = ".millrace",
      description = "where everything is kept (default: ${DEFAULT-VALUE})")
  private Path home = Path.of(".millrace");

  @Option(
      names = "--port",
      defaultValue = "8080",
      description = "port of the gateway's REST API on 127.0.0.1 (default: ${DEFAULT-VALUE})")
  private int port;

  @Option(
      names = "--grpc-port",
      defaultValue = "9090",
      description = "port of the gateway's gRPC API on 127.0.0.1 (default: ${DEFAULT-VALUE})")
  private int grpcPort;

  @Option(
      names = "--kafka-port",
      paramLabel = "PORT",
      description = "port of Kafka on 127.0.0.1 (default: any free one)")
  private @Nullable Integer kafkaPort;

  @Option(
      names = "--device",
      defaultValue = "auto",
      description = "auto, cpu, cuda:N, or cuda: runs share all (default: ${DEFAULT-VALUE})")
  private String device = "auto";

  /** The settings, each of them possible. */
  public PlatformSettings settings() {
    requirePort("--port", port);
    requirePort("--grpc-port", grpcPort);
    requireDifferent("--port and --grpc-port", port, grpcPort);
    if (kafkaPort != null) {
      requirePort("--kafka-port", kafkaPort);
      requireDifferent("--port and --kafka-port", port, kafkaPort);
      requireDifferent("--grpc-port and --kafka-port", grpcPort, kafkaPort);
    }
    return new PlatformSettings(home, port, grpcPort, kafkaPort == null ? 0 : kafkaPort, device);
  }

  private static void requireDifferent(String options, int one, int other) {
    if (one == other) {
      throw new UserError(options + " are both " + one + "; they must differ");
    }
  }

  private static void requirePort(String option, int value) {
    if (value < 1 || value > LAST_PORT) {
      throw new UserError(option + " " + value + " is not a port (1 to 65535)");
    }
  }
}
