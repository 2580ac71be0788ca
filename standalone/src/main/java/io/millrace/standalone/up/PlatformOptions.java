package io.millrace.standalone.up;

import io.millrace.standalone.UserError;
import java.nio.file.Path;
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
      names = "--device",
      defaultValue = "auto",
      description = "auto, cpu or cuda:N (default: ${DEFAULT-VALUE})")
  private String device = "auto";

  /** The settings, checked. */
  public PlatformSettings settings() {
    requirePort("--port", port);
    requirePort("--grpc-port", grpcPort);
    if (port == grpcPort) {
      throw new UserError("--port and --grpc-port are both " + port + "; they must differ");
    }
    return new PlatformSettings(home, port, grpcPort, device);
  }

  private static void requirePort(String option, int value) {
    if (value < 1 || value > LAST_PORT) {
      throw new UserError(option + " " + value + " is not a port (1 to 65535)");
    }
  }
}
