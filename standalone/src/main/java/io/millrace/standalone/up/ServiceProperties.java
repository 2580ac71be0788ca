package io.millrace.standalone.up;

import io.millrace.embedded.KafkaAccess;
import io.millrace.standalone.home.HomeDirectory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The settings that tie the services of one process together. */
final class ServiceProperties {

  private static final String LOOPBACK = "127.0.0.1";

  private final PlatformSettings settings;
  private final HomeDirectory home;
  private final Platform.Servers servers;
  private final List<Integer> ports;

  /**
   * @param ports HTTP and gRPC port of the data, training and inference service
   */
  ServiceProperties(
      PlatformSettings settings,
      HomeDirectory home,
      Platform.Servers servers,
      List<Integer> ports) {
    this.settings = settings;
    this.home = home;
    this.servers = servers;
    this.ports = ports;
  }

  Map<String, Object> data() {
    return service(ports.get(0), ports.get(1));
  }

  Map<String, Object> training() {
    Map<String, Object> properties = service(ports.get(2), ports.get(3));
    // The home directory has one owner at a time: a lease left by a killed process is taken over at
    // once.
    properties.put("millrace.training.instance", "standalone");
    return properties;
  }

  Map<String, Object> inference() {
    return service(ports.get(4), ports.get(5));
  }

  /** What commands use while the platform is stopped, at any free ports. */
  Map<String, Object> exchange() {
    return service(0, 0);
  }

  /**
   * Of the gateway.
   *
   * @param firstKey an API key that it has to make; empty: none
   */
  Map<String, Object> gateway(String firstKey) {
    Map<String, Object> properties = service(settings.port(), settings.grpcPort());
    properties.put("millrace.gateway.bootstrap-key", firstKey);
    List<String> names = List.of("data", "training", "inference");
    for (int i = 0; i < names.size(); i++) {
      String backend = "millrace.gateway." + names.get(i);
      properties.put(backend + ".url", "http://" + LOOPBACK + ":" + ports.get(2 * i));
      properties.put(backend + ".grpc", LOOPBACK + ":" + ports.get(2 * i + 1));
    }
    return properties;
  }

  private Map<String, Object> service(int httpPort, int grpcPort) {
    Map<String, Object> properties = new HashMap<>();
    properties.put("server.address", LOOPBACK);
    properties.put("server.port", httpPort);
    properties.put("spring.grpc.server.address", LOOPBACK);
    properties.put("spring.grpc.server.port", grpcPort);
    properties.put("spring.datasource.url", servers.postgres().jdbcUrl("millrace"));
    properties.put("spring.datasource.username", servers.postgres().user());
    properties.put("spring.datasource.password", servers.postgres().password());
    properties.put("millrace.kafka.bootstrap-servers", servers.kafka().bootstrapServers());
    properties.put("millrace.kafka.sasl.mechanism", "scram-sha-512");
    properties.put("millrace.kafka.sasl.username", KafkaAccess.OWNER);
    properties.put("millrace.kafka.sasl.password", servers.producers().access().ownerPassword());
    properties.put("millrace.objects.root", home.objects());
    properties.put("millrace.internal.secret", home.secret("internal-secret"));
    properties.put("millrace.engine.device", settings.device());
    return properties;
  }
}
