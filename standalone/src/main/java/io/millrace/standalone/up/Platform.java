package io.millrace.standalone.up;

import io.millrace.data.DataServiceApplication;
import io.millrace.embedded.EmbeddedKafka;
import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.embedded.EmbeddedServerException;
import io.millrace.embedded.Ports;
import io.millrace.gateway.GatewayApplication;
import io.millrace.inference.InferenceServiceApplication;
import io.millrace.platform.service.ServiceLauncher;
import io.millrace.standalone.home.HomeDirectory;
import io.millrace.standalone.process.LogFile;
import io.millrace.standalone.process.ProcessEnd;
import io.millrace.standalone.process.RunningParts;
import io.millrace.standalone.process.TemporaryFiles;
import io.millrace.standalone.terminal.UserError;
import io.millrace.training.TrainingServiceApplication;
import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * PostgreSQL, Kafka and all services in this process, on the loopback interface.
 *
 * <p>What starts side by side does; what fails takes everything that had started down with it.
 */
public final class Platform implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Platform.class);

  private static final String DATABASE = "millrace";
  private static final String TRAINING = "training-service";
  private static final String GATEWAY = "gateway";

  private final PlatformSettings settings;
  private final HomeDirectory home;
  private final Servers servers;
  private final String apiKey;
  private final double startSeconds;
  private final Map<String, ConfigurableApplicationContext> services;
  private final RunningParts parts;

  private Platform(
      PlatformSettings settings,
      HomeDirectory home,
      Servers servers,
      String apiKey,
      double startSeconds,
      Map<String, ConfigurableApplicationContext> services,
      RunningParts parts) {
    this.settings = settings;
    this.home = home;
    this.servers = servers;
    this.apiKey = apiKey;
    this.startSeconds = startSeconds;
    this.services = services;
    this.parts = parts;
  }

  /**
   * Starts everything and returns when every service is ready. If the process is told to end,
   * everything stops first, also what is being started at that moment.
   *
   * @param progress told what is being started and stopped
   * @throws UserError if a port is busy, the home directory cannot be used, or the device is not
   *     there
   */
  public static Platform start(PlatformSettings settings, Consumer<String> progress) {
    long begin = System.nanoTime();
    requirePossible(settings);
    RunningParts parts = new RunningParts(progress);
    try {
      HomeDirectory home = parts.start(() -> HomeDirectory.open(settings.home()));
      LogFile.in(home.root().resolve("log"));
      parts.start(() -> TemporaryFiles.in(home.temporary()));
      progress.accept("starting PostgreSQL and Kafka in " + home.root());
      Servers servers = startServers(home, settings.kafkaPort(), parts);
      progress.accept("starting the services");
      ServiceProperties properties = new ServiceProperties(settings, home, servers, Ports.free(6));
      Map<String, ConfigurableApplicationContext> services =
          startServices(properties, HomeKey.first(home), parts);
      String apiKey = HomeKey.valid(home, service(services, GATEWAY));
      Readiness.await(gatewayAddress(settings), apiKey);
      double seconds = (System.nanoTime() - begin) / 1e9;
      return new Platform(settings, home, servers, apiKey, seconds, services, parts);
    } catch (RuntimeException e) {
      parts.closeAfter(e);
      throw e instanceof EmbeddedServerException
          ? new UserError(String.valueOf(e.getMessage()), e)
          : e;
    }
  }

  /**
   * Finds what would keep a platform from starting, without starting or making anything.
   *
   * @throws UserError as {@link #start} does
   */
  public static void requirePossible(PlatformSettings settings) {
    try {
      Ports.require("the gateway (--port)", settings.port());
      Ports.require("the gateway's gRPC (--grpc-port)", settings.grpcPort());
      Ports.require("Kafka (--kafka-port)", settings.kafkaPort());
    } catch (EmbeddedServerException e) {
      throw new UserError(String.valueOf(e.getMessage()), e);
    }
    HomeDirectory.requireUsable(settings.home());
    Device.require(settings.device());
  }

  /** Where everything is kept. */
  public Path home() {
    return home.root();
  }

  /** Address of the gateway's REST API. */
  public URI address() {
    return gatewayAddress(settings);
  }

  /** Address of the gateway's gRPC API. */
  public String grpcAddress() {
    return "127.0.0.1:" + settings.grpcPort();
  }

  /** Where producers of documents and readers of events connect to Kafka. */
  public String kafkaAddress() {
    return servers.kafka().producerServers();
  }

  /** What lets them in there. */
  public ProducerKey producerKey() {
    return servers.producers();
  }

  /** A key that may do everything. */
  public String apiKey() {
    return apiKey;
  }

  /** How long the start took. */
  public double startSeconds() {
    return startSeconds;
  }

  /** Ports of the services' REST APIs by name, the gateway's too. */
  public Map<String, Integer> ports() {
    Map<String, Integer> ports = new TreeMap<>();
    services.forEach((name, service) -> ports.put(name, ServiceLauncher.httpPort(service)));
    return ports;
  }

  /** A part of the training service, for programs that measure it on its own. */
  public <T> T trainingPart(Class<T> type) {
    return service(services, TRAINING).getBean(type);
  }

  /** Stops the services, then the servers; returns when all have stopped. */
  @Override
  public void close() {
    parts.close();
  }

  private static URI gatewayAddress(PlatformSettings settings) {
    return URI.create("http://127.0.0.1:" + settings.port());
  }

  /** The servers that services stand on. */
  record Servers(EmbeddedPostgres postgres, EmbeddedKafka kafka, ProducerKey producers) {}

  static Servers startServers(HomeDirectory home, int kafkaPort, RunningParts parts) {
    ProducerKey producers = ProducerKey.of(home);
    try (ExecutorService threads =
        Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
      Future<EmbeddedPostgres> postgres =
          threads.submit(() -> {
            EmbeddedPostgres started = parts.start(() -> EmbeddedPostgres.start(home.postgres()));
            started.watch(
                why -> System.err.println("millrace: " + why),
                reason -> abandon("PostgreSQL cannot go on: " + reason, () -> {}));
            started.ensureDatabase(DATABASE);
            return started;
          });
      Future<EmbeddedKafka> kafka =
          threads.submit(() ->
              parts.start(() ->
                  EmbeddedKafka.start(
                      home.kafka(),
                      kafkaPort,
                      producers.access(),
                      reason ->
                          abandon("Kafka cannot go on: " + reason, () -> get(postgres).close()))));
      return new Servers(get(postgres), get(kafka), producers);
    }
  }

  /** A server cannot go on: says why, and leaves nothing behind. The next start goes on. */
  private static void abandon(String reason, Runnable stop) {
    System.err.println("millrace: " + reason);
    LOG.error("{}", reason);
    try {
      stop.run();
    } finally {
      EmbeddedPostgres.killAll();
      ProcessEnd.atOnce(1);
    }
  }

  private static Map<String, ConfigurableApplicationContext> startServices(
      ServiceProperties properties, String firstKey, RunningParts parts) {
    record Start(Class<?> application, String service, Map<String, Object> properties) {}
    List<Start> starts =
        List.of(
            new Start(DataServiceApplication.class, "data-service", properties.data()),
            new Start(TrainingServiceApplication.class, TRAINING, properties.training()),
            new Start(
                InferenceServiceApplication.class, "inference-service", properties.inference()),
            new Start(GatewayApplication.class, GATEWAY, properties.gateway(firstKey)));
    try (ExecutorService threads =
        Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
      Map<String, Future<ConfigurableApplicationContext>> starting = new LinkedHashMap<>();
      for (Start start : starts) {
        Callable<ConfigurableApplicationContext> started =
            () ->
                parts.start(() ->
                    ServiceLauncher.start(
                        start.application(), start.service(), start.properties()));
        starting.put(start.service(), threads.submit(started));
      }
      Map<String, ConfigurableApplicationContext> services = new LinkedHashMap<>();
      starting.forEach((service, context) -> services.put(service, get(context)));
      return services;
    }
  }

  private static ConfigurableApplicationContext service(
      Map<String, ConfigurableApplicationContext> services, String name) {
    return Objects.requireNonNull(services.get(name), name);
  }

  private static <T> T get(Future<T> future) {
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while starting", e);
    }
  }
}
