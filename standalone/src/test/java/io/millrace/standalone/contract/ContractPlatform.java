package io.millrace.standalone.contract;

import io.millrace.embedded.Ports;
import io.millrace.standalone.up.Platform;
import io.millrace.standalone.up.PlatformSettings;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The platform as {@code up} starts it: the same class path, settings and calls, in this process.
 * Only the two small model configurations are added, as an installation adds its own, and a
 * collector of traces.
 */
final class ContractPlatform implements AutoCloseable {
  static final String LANGUAGE_PRESET = "tiny-language";
  static final String DETECTION_PRESET = "tiny-detection";

  private static final String PRESETS = "millrace.training.presets.";

  private final Platform platform;
  private final TraceReceiver traces;
  private final Calls calls = new Calls();
  private final Rest rest;
  private final Rpc rpc;
  private final LearnedModels models;
  private final Descriptions descriptions;

  private ContractPlatform(Platform platform, TraceReceiver traces) {
    this.platform = platform;
    this.traces = traces;
    this.rest = new Rest(platform.address(), platform.apiKey(), calls);
    this.rpc = new Rpc(platform.grpcAddress(), platform.apiKey(), calls);
    this.models = new LearnedModels(rest);
    this.descriptions = new Descriptions(rest);
  }

  static ContractPlatform start(Path home) {
    Map<String, String> presets =
        Map.of(
            PRESETS + LANGUAGE_PRESET + ".task", "language",
            PRESETS + LANGUAGE_PRESET + ".config", "src/test/resources/presets/language",
            PRESETS + DETECTION_PRESET + ".task", "detection",
            PRESETS + DETECTION_PRESET + ".config", "src/test/resources/presets/detection");
    TraceReceiver traces = new TraceReceiver();
    Map<String, String> settings = new HashMap<>(presets);
    settings.put("management.opentelemetry.tracing.export.otlp.endpoint", traces.endpoint());
    settings.put("management.opentelemetry.tracing.export.schedule-delay", "200ms");
    settings.put("millrace.metrics.sample-period", "200ms");
    settings.forEach(System::setProperty);
    try {
      return new ContractPlatform(
          Platform.start(
              new PlatformSettings(home, Ports.free(), Ports.free(), "cpu"), progress -> {}),
          traces);
    } finally {
      settings.keySet().forEach(System::clearProperty);
    }
  }

  Rest rest() {
    return rest;
  }

  Rpc rpc() {
    return rpc;
  }

  /** What was called so far. */
  Calls calls() {
    return calls;
  }

  /** Models that have learned a little, each when it is first asked for. */
  LearnedModels models() {
    return models;
  }

  /** What the services say about themselves. */
  Descriptions descriptions() {
    return descriptions;
  }

  /** Where spans arrive. */
  TraceReceiver traces() {
    return traces;
  }

  URI address() {
    return platform.address();
  }

  /** Ports of all services by name. */
  Map<String, Integer> ports() {
    return platform.ports();
  }

  Path home() {
    return platform.home();
  }

  String grpcAddress() {
    return platform.grpcAddress();
  }

  String kafkaAddress() {
    return platform.kafkaAddress();
  }

  /** The directory of the object store. */
  Path objects() {
    return platform.home().resolve("objects");
  }

  @Override
  public void close() {
    rest.close();
    rpc.close();
    platform.close();
    traces.close();
  }
}
