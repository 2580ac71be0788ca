package io.millrace.standalone.containers;

import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Volume;
import io.millrace.standalone.PlatformApi;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.postgresql.PostgreSQLContainer;

/**
 * Kafka, PostgreSQL and the four services in containers of their own in one network, locked down as
 * {@code docker-compose.yml} does it. Not thread-safe but for {@link #api}.
 */
final class Stack implements AutoCloseable {
  /** In the order in which they start. */
  static final List<String> CONTAINERS =
      List.of("kafka", "postgres", "data", "training", "inference", "gateway");

  private static final Duration START = Duration.ofMinutes(3);
  private static final String PASSWORD = "a-password-of-the-test";
  private static final String KEY = "mr_containers_" + "k".repeat(43);
  private static final long MEGABYTE = 1_000_000;

  private final Network network = Network.newNetwork();
  private final String objects = "millrace-test-" + UUID.randomUUID();
  private final Map<String, GenericContainer<?>> containers = new LinkedHashMap<>();

  /** Starts all of them; they are ready when this returns. */
  static Stack start() {
    Stack stack = new Stack();
    try {
      stack.startAll();
      return stack;
    } catch (RuntimeException | Error e) {
      stack.close();
      throw e;
    }
  }

  private void startAll() {
    add(
        "kafka",
        // On every address: one that the network gives may change when a cable is put back.
        new KafkaContainer(ComposeImages.of("kafka"))
            .withListener("0.0.0.0:19092", () -> "kafka:19092")
            .withEnv("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", "1")
            .withEnv("KAFKA_MESSAGE_MAX_BYTES", "16777216")
            .withEnv("KAFKA_REPLICA_FETCH_MAX_BYTES", "16777216")
            .withEnv("KAFKA_HEAP_OPTS", "-Xms256m -Xmx512m"));
    add(
        "postgres",
        new PostgreSQLContainer(ComposeImages.of("postgres"))
            .withUsername("millrace")
            .withPassword(PASSWORD)
            .withDatabaseName("millrace")
            .withCommand("postgres", "-c", "listen_addresses=*")
            // A cluster that is being made listens on its socket only.
            .waitingFor(Wait.forListeningPort()));
    add("data", service("data", 768, Map.of()));
    add("training", service("training", 2000, Map.of("MILLRACE_TRAINING_INSTANCE", "trainer")));
    add("inference", service("inference-language", 1000, Map.of()));
    Map<String, String> backends = new HashMap<>();
    for (String service : List.of("data", "training", "inference")) {
      String setting = "MILLRACE_GATEWAY_" + service.toUpperCase(Locale.ROOT);
      backends.put(setting + "_URL", "http://" + service + ":8080");
      backends.put(setting + "_GRPC", service + ":9090");
    }
    backends.put("MILLRACE_GATEWAY_BOOTSTRAPKEY", KEY);
    add("gateway", service("gateway", 512, backends));
  }

  private void add(String name, GenericContainer<?> container) {
    containers.put(name, container.withNetwork(network).withNetworkAliases(name));
    container.start();
  }

  private GenericContainer<?> service(
      String composeService, long megabytes, Map<String, String> environment) {
    return new GenericContainer<>(ComposeImages.of(composeService))
        .withEnv("SPRING_DATASOURCE_URL", "jdbc:postgresql://postgres:5432/millrace")
        .withEnv("SPRING_DATASOURCE_USERNAME", "millrace")
        .withEnv("SPRING_DATASOURCE_PASSWORD", PASSWORD)
        .withEnv("MILLRACE_INTERNAL_SECRET", "a secret that is used in tests alone")
        .withEnv(composeService.equals("gateway") ? Map.of() : behindGateway())
        .withEnv(environment)
        .withExposedPorts(8080)
        .withTmpFs(Map.of("/tmp", "exec"))
        .withCreateContainerCmdModifier(command ->
            lockDown(Objects.requireNonNull(command.getHostConfig()), megabytes)
                .withBinds(new Bind(objects, new Volume("/var/lib/millrace"))))
        .waitingFor(Wait.forSuccessfulCommand("millrace-ready").withStartupTimeout(START));
  }

  private static Map<String, String> behindGateway() {
    return Map.of(
        "MILLRACE_KAFKA_BOOTSTRAPSERVERS",
        "kafka:19092",
        "MILLRACE_OBJECTS_ROOT",
        "/var/lib/millrace/objects",
        "MILLRACE_ENGINE_DEVICE",
        "cpu",
        "MILLRACE_ENGINE_THREADS",
        "1");
  }

  private static HostConfig lockDown(HostConfig host, long megabytes) {
    return host.withReadonlyRootfs(true)
        .withCapDrop(Capability.ALL)
        .withSecurityOpts(List.of("no-new-privileges"))
        .withMemory(megabytes * MEGABYTE);
  }

  /** A container by the name that the others know it by. */
  GenericContainer<?> container(String name) {
    GenericContainer<?> container = containers.get(name);
    if (container == null) {
      throw new IllegalArgumentException("no container " + name);
    }
    return container;
  }

  /** The network that all are in. */
  String network() {
    return network.getId();
  }

  /** The gateway, as it can be reached now: a container that starts again gets another port. */
  PlatformApi api() {
    GenericContainer<?> gateway = container("gateway");
    String port =
        gateway
            .getCurrentContainerInfo()
            .getNetworkSettings()
            .getPorts()
            .getBindings()
            .entrySet()
            .stream()
            .filter(port8080 -> port8080.getKey().getPort() == 8080)
            .map(port8080 -> port8080.getValue())
            .filter(Objects::nonNull)
            .map(bindings -> bindings[0].getHostPortSpec())
            .findFirst()
            .orElse("1");
    return new PlatformApi("http://" + gateway.getHost() + ":" + port, KEY);
  }

  @Override
  public void close() {
    List.copyOf(containers.values()).reversed().forEach(GenericContainer::stop);
    network.close();
    try {
      DockerClientFactory.lazyClient().removeVolumeCmd(objects).exec();
    } catch (NotFoundException noServiceStarted) {
      // The first container that mounts it makes it.
    }
  }
}
