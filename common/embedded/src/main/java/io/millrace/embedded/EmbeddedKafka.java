package io.millrace.embedded;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.function.Consumer;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * One Kafka broker in KRaft mode, controller included, inside this process, on 127.0.0.1 only.
 *
 * <p>Data is kept in its directory between starts, also after the process was killed. Nothing is
 * ever deleted by age or size. It logs much at INFO: see {@link QuietLoggers}.
 */
public final class EmbeddedKafka implements AutoCloseable {
  /** The name of the first listener. */
  static final String LISTENER = "BROKER";

  private static final int NODE = 1;
  private static final String MAX_MESSAGE = Integer.toString(16 << 20);

  private final KafkaRaftServer server;
  private final DirectoryLock lock;
  private final int port;
  private final KafkaSecuring securing;

  private EmbeddedKafka(
      KafkaRaftServer server, DirectoryLock lock, int port, KafkaSecuring securing) {
    this.server = server;
    this.lock = lock;
    this.port = port;
    this.securing = securing;
  }

  /**
   * Starts the broker and returns when it answers.
   *
   * @param directory its own, made if it does not exist
   * @param port to listen on; 0: any free one
   * @throws EmbeddedServerException with a one-line reason: the port is busy, the directory is in
   *     use or cannot be written
   */
  public static EmbeddedKafka start(Path directory, int port) {
    return start(directory, port, KafkaSecuring.NONE);
  }

  /**
   * Starts a broker with a second listener, which asks who its clients are.
   *
   * @param securing how it does
   */
  public static EmbeddedKafka start(Path directory, int port, KafkaSecuring securing) {
    int brokerPort = Ports.require("Kafka", port);
    Path absolute = directory.toAbsolutePath().normalize();
    return DirectoryLock.starting(
        "Kafka",
        absolute,
        lock ->
            new EmbeddedKafka(
                startServer(absolute.resolve("log"), brokerPort, securing),
                lock,
                brokerPort,
                securing));
  }

  /**
   * Starts a broker that lets nobody in without a password, and says so when it cannot go on, e.g.
   * because its disk is full. Without, Kafka ends the process then, at once and silently, and
   * leaves behind what else belongs to it.
   *
   * @param producerPort where producers connect; 0: any free one
   * @param access who may do what; holds from now on, whatever held at an earlier start
   * @param end told the reason, once; must end the process. It holds for the whole process, for all
   *     brokers in it.
   */
  public static EmbeddedKafka start(
      Path directory, int producerPort, KafkaAccess access, Consumer<String> end) {
    KafkaEnd.install(directory.toAbsolutePath().normalize(), end);
    KafkaSecuring securing = access.securing(Ports.require("Kafka", producerPort));
    EmbeddedKafka broker = start(directory, 0, securing);
    try {
      access.grant(broker.bootstrapServers(), broker.producerServers());
    } catch (RuntimeException e) {
      broker.close();
      throw e;
    }
    return broker;
  }

  /** Where producers connect that are let in by {@link KafkaAccess}. */
  public String producerServers() {
    return securing.listeners().getFirst().bootstrapServers();
  }

  /** Where clients connect: {@code 127.0.0.1:port}. */
  public String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  /** The broker's port. */
  public int port() {
    return port;
  }

  /** Stops the broker; what was acknowledged is on disk. */
  @Override
  public void close() {
    try {
      server.shutdown();
      server.awaitShutdown();
    } finally {
      lock.close();
    }
  }

  private static KafkaRaftServer startServer(Path log, int port, KafkaSecuring securing)
      throws Exception {
    Properties settings = settings(log, port, Ports.free());
    securing.addTo(settings);
    if (!Files.exists(log.resolve("meta.properties"))) {
      Files.createDirectories(log);
      format(log, securing);
    }
    KafkaRaftServer server =
        new KafkaRaftServer(KafkaConfig.fromProps(settings, /* doLog= */ false), Time.SYSTEM);
    try {
      server.startup();
    } catch (Throwable e) {
      server.shutdown();
      throw e;
    }
    return server;
  }

  private static void format(Path log, KafkaSecuring securing) throws Exception {
    new Formatter()
        .setPrintStream(
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
        .setSupportedFeatures(List.copyOf(Feature.PRODUCTION_FEATURES))
        .setReleaseVersion(MetadataVersion.latestProduction())
        .setNodeId(NODE)
        .setClusterId(Uuid.randomUuid().toString())
        .setControllerListenerName("CONTROLLER")
        .setMetadataLogDirectory(log.toString())
        .addDirectory(log.toString())
        .setScramArguments(securing.scramArguments())
        .run();
  }

  private static Properties settings(Path log, int port, int controllerPort) {
    Properties settings = new Properties();
    settings.setProperty("process.roles", "broker,controller");
    settings.setProperty("node.id", Integer.toString(NODE));
    settings.setProperty("controller.quorum.voters", NODE + "@127.0.0.1:" + controllerPort);
    settings.setProperty(
        "listeners",
        LISTENER + "://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort);
    settings.setProperty("advertised.listeners", LISTENER + "://127.0.0.1:" + port);
    settings.setProperty(
        "listener.security.protocol.map", LISTENER + ":PLAINTEXT,CONTROLLER:PLAINTEXT");
    settings.setProperty("controller.listener.names", "CONTROLLER");
    settings.setProperty("inter.broker.listener.name", LISTENER);
    settings.setProperty("log.dirs", log.toString());
    settings.setProperty("auto.create.topics.enable", "false");
    settings.setProperty("default.replication.factor", "1");
    settings.setProperty("min.insync.replicas", "1");
    for (String internal :
        List.of("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")) {
      settings.setProperty(internal + ".replication.factor", "1");
      settings.setProperty(internal + ".num.partitions", "1");
    }
    settings.setProperty("transaction.state.log.min.isr", "1");
    settings.setProperty("share.coordinator.state.topic.min.isr", "1");
    settings.setProperty("group.initial.rebalance.delay.ms", "0");
    settings.setProperty("message.max.bytes", MAX_MESSAGE);
    settings.setProperty("replica.fetch.max.bytes", MAX_MESSAGE);
    settings.setProperty("log.retention.ms", "-1");
    settings.setProperty("log.retention.bytes", "-1");
    // A group that is away for long must find its position again: a lost one repeats everything.
    settings.setProperty("offsets.retention.minutes", Integer.toString(Integer.MAX_VALUE));
    // After a kill the last segment of every partition is read again before the broker is up.
    settings.setProperty("log.segment.bytes", Integer.toString(256 << 20));
    // After a kill the broker is let in again when the session of its earlier life has ended.
    settings.setProperty("broker.session.timeout.ms", "3000");
    settings.setProperty("broker.heartbeat.interval.ms", "500");
    // The defaults are those of a server with a machine of its own: many threads, 128 MiB of heap.
    settings.setProperty("num.network.threads", "2");
    settings.setProperty("num.io.threads", "4");
    settings.setProperty("background.threads", "2");
    settings.setProperty("log.cleaner.dedupe.buffer.size", Integer.toString(8 << 20));
    settings.setProperty("metadata.log.max.idle.interval.ms", "5000");
    return settings;
  }
}
