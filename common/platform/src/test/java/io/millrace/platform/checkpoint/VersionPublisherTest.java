package io.millrace.platform.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import com.zaxxer.hikari.HikariDataSource;
import io.millrace.contracts.EventTypes;
import io.millrace.contracts.Topics;
import io.millrace.contracts.events.v1.CheckpointPublished;
import io.millrace.platform.event.Outbox;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.store.FileObjectStore;
import io.millrace.platform.store.Materialised;
import io.millrace.testing.TestServers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

class VersionPublisherTest {
  private static final String LOCATION = "models/writer/run-1/4-7";
  private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");

  @TempDir private Path directory;
  private HikariDataSource dataSource;
  private JdbcClient jdbc;
  private TransactionTemplate transactions;
  private ModelRegistry registry;
  private FileObjectStore store;
  private CheckpointFiles files;
  private VersionPublisher publisher;

  @BeforeEach
  void open() throws IOException {
    TestServers.Database database = TestServers.freshDatabase();
    dataSource = new HikariDataSource();
    dataSource.setJdbcUrl(database.url());
    dataSource.setUsername(database.user());
    dataSource.setPassword(database.password());
    for (String schema : List.of("registry", "outbox")) {
      Flyway.configure()
          .dataSource(dataSource)
          .locations("classpath:db/millrace/" + schema)
          .defaultSchema(schema.equals("outbox") ? "public" : schema)
          .load()
          .migrate();
    }
    jdbc = JdbcClient.create(dataSource);
    transactions = new TransactionTemplate(new JdbcTransactionManager(dataSource));
    registry = new ModelRegistry(jdbc);
    store = new FileObjectStore(directory);
    files = new CheckpointFiles(store);
    Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
    publisher =
        new VersionPublisher(
            store, files, registry, new Outbox(jdbc, clock, () -> {}), new Topics("t."), clock);
  }

  @AfterEach
  void close() {
    dataSource.close();
  }

  @Test
  void makesAVersionOfFilesARowAndAnEvent() throws IOException {
    ModelVersion version = registered(stored(LOCATION));

    assertThat(version.version()).isEqualTo(1);
    assertThat(version.createdAt()).isEqualTo(NOW);
    assertThat(registry.latestModel("writer")).contains(version);
    try (Materialised found = files.verify(LOCATION, version.manifestSha256())) {
      assertThat(found.directory().resolve("weights")).hasContent("w");
    }
    CheckpointPublished event = events().getFirst();
    assertThat(event.getModel()).isEqualTo("writer");
    assertThat(event.getVersion()).isEqualTo(1);
    assertThat(event.getTask()).isEqualTo("language");
    assertThat(event.getRunId()).isEqualTo("run-1");
    assertThat(event.getStep()).isEqualTo(4);
    assertThat(event.getLocation()).isEqualTo(LOCATION);
    assertThat(event.getManifestSha256()).isEqualTo(version.manifestSha256());
    assertThat(event.getMetricsMap()).containsExactly(Map.entry("loss", 0.5));
    assertThat(registered(stored("models/writer/run-1/8-7")).version()).isEqualTo(2);
  }

  @Test
  void aTransactionThatDoesNotCommitMakesNone() throws IOException {
    StoredCheckpoint checkpoint = stored(LOCATION);
    transactions.executeWithoutResult(status -> {
      publisher.register(checkpoint);
      status.setRollbackOnly();
    });

    assertThat(registry.latestModel("writer")).isEmpty();
    assertThat(events()).isEmpty();
    publisher.discard(LOCATION, "run-1");
    assertThat(store.list("models")).isEmpty();
  }

  @Test
  void needsATransaction() throws IOException {
    StoredCheckpoint checkpoint = stored(LOCATION);

    assertThatThrownBy(() -> publisher.register(checkpoint))
        .isInstanceOf(IllegalStateException.class);
  }

  /** The commit may have got through although its answer did not. */
  @Test
  void doesNotDiscardWhatIsPublished() throws IOException {
    registered(stored(LOCATION));
    stored("models/writer/run-1/8-7");

    publisher.discard(LOCATION, "run-1");
    publisher.discard("models/writer/run-1/8-7", "run-1");

    assertThat(store.list("models").stream().map(object -> object.key()))
        .containsExactly(LOCATION + "/manifest.json", LOCATION + "/weights");
  }

  @Test
  void leavesNothingStagedOfFilesThatCannotBeWritten() {
    assertThatThrownBy(() ->
            publisher.store(
                LOCATION,
                staged -> {
                  Files.writeString(staged.resolve("weights"), "half");
                  throw new UncheckedIOException("weights: disk full", new IOException("full"));
                }))
        .isInstanceOf(IOException.class)
        .hasMessage("weights: disk full");
    assertThatThrownBy(() -> publisher.store(LOCATION, staged -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no files");
    assertThat(directory.resolve(".staging")).isEmptyDirectory();
  }

  @Test
  void publishersOfOneModelGetVersionsOfTheirOwn() throws Exception {
    List<StoredCheckpoint> checkpoints = new ArrayList<>();
    for (int step = 1; step <= 6; step++) {
      checkpoints.add(stored("models/writer/run-1/" + step + "-7"));
    }
    List<Future<ModelVersion>> published = new ArrayList<>();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (StoredCheckpoint checkpoint : checkpoints) {
        published.add(executor.submit(() -> registered(checkpoint)));
      }
    }
    List<Integer> versions = new ArrayList<>();
    for (Future<ModelVersion> one : published) {
      versions.add(one.get().version());
    }
    assertThat(versions).containsExactlyInAnyOrder(1, 2, 3, 4, 5, 6);
  }

  private StoredCheckpoint stored(String location) throws IOException {
    StoredFiles files =
        publisher.store(location, staged -> Files.writeString(staged.resolve("weights"), "w"));
    return new StoredCheckpoint(
        "writer",
        "language",
        "run-1",
        7,
        4,
        location,
        files.manifestSha256(),
        files.bytes(),
        Map.of("loss", 0.5));
  }

  private ModelVersion registered(StoredCheckpoint checkpoint) {
    return Objects.requireNonNull(transactions.execute(status -> publisher.register(checkpoint)));
  }

  private List<CheckpointPublished> events() {
    return jdbc.sql(
            "select payload from outbox where topic = :topic and key = :key and type = :type")
        .param("topic", new Topics("t.").checkpoints())
        .param("key", "writer")
        .param("type", EventTypes.CHECKPOINT_PUBLISHED)
        .query((row, number) -> {
          try {
            return CheckpointPublished.parseFrom(row.getBytes("payload"));
          } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
          }
        })
        .list();
  }
}
