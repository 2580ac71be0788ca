package io.millrace.testing;

import io.millrace.embedded.EmbeddedKafka;
import io.millrace.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * One Kafka broker, one PostgreSQL and one S3 server for all tests of a process, each started when
 * it is first asked for and deleted when the process ends.
 *
 * <p>Tests are kept apart by names: a {@linkplain #freshDatabase() database} and a {@linkplain
 * #freshPrefix() topic prefix} of their own.
 */
public final class TestServers {
  /** The secret that all services under test share. */
  public static final String INTERNAL_SECRET = "a-secret-that-only-tests-may-know-0123456789";

  private static final AtomicInteger COUNTER = new AtomicInteger();

  private TestServers() {}

  /** The broker. */
  public static EmbeddedKafka kafka() {
    return KafkaHolder.KAFKA;
  }

  /** The database server. */
  public static EmbeddedPostgres postgres() {
    return PostgresHolder.POSTGRES;
  }

  /** The S3 server. */
  public static S3Server s3() {
    return S3Holder.S3;
  }

  /** A new, empty bucket of the S3 server. */
  public static String freshBucket() {
    String bucket = "bucket-" + COUNTER.incrementAndGet();
    s3().makeBucket(bucket);
    return bucket;
  }

  /** A new, empty database. */
  public static Database freshDatabase() {
    EmbeddedPostgres postgres = postgres();
    String name = "test_" + COUNTER.incrementAndGet();
    postgres.ensureDatabase(name);
    return new Database(postgres.jdbcUrl(name), postgres.user(), postgres.password());
  }

  /** A topic prefix that nobody else uses. */
  public static String freshPrefix() {
    return "test" + COUNTER.incrementAndGet() + ".";
  }

  /** A new, empty directory that is deleted when the process ends. */
  public static Path freshDirectory() {
    try {
      return Files.createTempDirectory(Root.DIRECTORY, "dir");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Properties for a whole service under test: its own database, topic prefix and object store, the
   * shared servers, any free ports. More services of one test are given the same map.
   */
  public static Map<String, Object> properties() {
    Database database = freshDatabase();
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("spring.datasource.url", database.url());
    properties.put("spring.datasource.username", database.user());
    properties.put("spring.datasource.password", database.password());
    properties.put("millrace.kafka.bootstrap-servers", kafka().bootstrapServers());
    properties.put("millrace.kafka.topic-prefix", freshPrefix());
    properties.put("millrace.objects.root", freshDirectory().toString());
    properties.put("millrace.internal.secret", INTERNAL_SECRET);
    properties.put("millrace.engine.device", "cpu");
    properties.put("server.port", 0);
    properties.put("spring.grpc.server.port", 0);
    return properties;
  }

  /**
   * A database.
   *
   * @param url for JDBC
   * @param user who may do everything in it
   * @param password of the user
   */
  public record Database(String url, String user, String password) {}

  private static final class Root {
    static final Path DIRECTORY = make();

    private static Path make() {
      try {
        Path directory = Files.createTempDirectory("millrace-test");
        Runtime.getRuntime().addShutdownHook(new Thread(Root::stopAndDelete));
        return directory;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static final java.util.Queue<AutoCloseable> RUNNING =
        new java.util.concurrent.ConcurrentLinkedQueue<>();

    static <T extends AutoCloseable> T register(T server) {
      RUNNING.add(server);
      return server;
    }

    private static void stopAndDelete() {
      for (AutoCloseable server : RUNNING) {
        try {
          server.close();
        } catch (Exception e) {
          System.err.println("cannot stop a test server: " + e);
        }
      }
      try (Stream<Path> paths = Files.walk(DIRECTORY)) {
        List<Path> deepestFirst = paths.sorted(Comparator.reverseOrder()).toList();
        for (Path path : deepestFirst) {
          Files.deleteIfExists(path);
        }
      } catch (IOException e) {
        System.err.println("cannot delete " + DIRECTORY + ": " + e);
      }
    }
  }

  private static final class KafkaHolder {
    static final EmbeddedKafka KAFKA =
        Root.register(EmbeddedKafka.start(Root.DIRECTORY.resolve("kafka"), 0));
  }

  private static final class PostgresHolder {
    static final EmbeddedPostgres POSTGRES =
        Root.register(EmbeddedPostgres.start(Root.DIRECTORY.resolve("postgres")));
  }

  private static final class S3Holder {
    static final S3Server S3 = Root.register(S3Server.start(freshDirectory()));
  }
}
