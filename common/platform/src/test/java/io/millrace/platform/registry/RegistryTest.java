package io.millrace.platform.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.DatasetEntry.TokenizerEntry;
import io.millrace.platform.registry.IntakePolicy.DuplicateIds;
import io.millrace.platform.registry.IntakePolicy.PlainValues;
import io.millrace.platform.registry.SnapshotEntry.Range;
import io.millrace.testing.TestServers;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

class RegistryTest {
  private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
  private static final TokenizerEntry TOKENIZER =
      new TokenizerEntry("tokenizers/books.json", "ab".repeat(32), 1024);

  private HikariDataSource dataSource;
  private TransactionTemplate transactions;
  private Registry registry;
  private ModelRegistry models;

  @BeforeEach
  void open() {
    TestServers.Database database = TestServers.freshDatabase();
    dataSource = new HikariDataSource();
    dataSource.setJdbcUrl(database.url());
    dataSource.setUsername(database.user());
    dataSource.setPassword(database.password());
    migrate(dataSource, "latest");
    transactions = new TransactionTemplate(new JdbcTransactionManager(dataSource));
    registry = new Registry(JdbcClient.create(dataSource));
    models = new ModelRegistry(JdbcClient.create(dataSource));
  }

  @AfterEach
  void close() {
    dataSource.close();
  }

  @Test
  void keepsDatasets() {
    DatasetEntry cells =
        new DatasetEntry(
            "cells",
            new Content.Pictures(128, 96, List.of("RBC", "WBC")),
            5,
            new IntakePolicy(DuplicateIds.REJECT, PlainValues.JSON, 0.5),
            NOW);
    registry.createDataset(text("books"));
    registry.createDataset(cells);

    assertThat(registry.datasets()).containsExactly(text("books"), cells);
    assertThat(registry.dataset("none")).isEmpty();
    assertCode(ErrorCode.ALREADY_EXISTS, () -> registry.createDataset(text("books")));
    assertCode(ErrorCode.NOT_FOUND, () -> registry.requireDataset("none"));
  }

  @Test
  void givesADatasetOneTokenizer() {
    registry.createDataset(text("books"));
    registry.setTokenizer("books", TOKENIZER);
    registry.setTokenizer("books", TOKENIZER);

    assertThat(registry.requireDataset("books")).isEqualTo(text("books").withTokenizer(TOKENIZER));
    assertCode(
        ErrorCode.FAILED_PRECONDITION,
        () -> registry.setTokenizer("books", new TokenizerEntry("x", "cd".repeat(32), 512)));
    assertCode(ErrorCode.NOT_FOUND, () -> registry.setTokenizer("none", TOKENIZER));
    registry.createDataset(
        new DatasetEntry("cells", new Content.Pictures(64, 64, List.of("RBC")), 5, NOW));
    assertCode(ErrorCode.FAILED_PRECONDITION, () -> registry.setTokenizer("cells", TOKENIZER));
  }

  @Test
  void readsDatasetsOfTheFirstVersion() {
    TestServers.Database database = TestServers.freshDatabase();
    try (HikariDataSource old = new HikariDataSource()) {
      old.setJdbcUrl(database.url());
      old.setUsername(database.user());
      old.setPassword(database.password());
      migrate(old, "1");
      JdbcClient jdbc = JdbcClient.create(old);
      jdbc.sql(
              """
              insert into registry.dataset values
              ('books', 'TEXT', 512, 0, 0, 2.5, '{}', 1024, 'tokenizers/books.json', :sha256, :now),
              ('new', 'TEXT', 512, 0, 0, 2.5, '{}', 0, null, null, :now),
              ('cells', 'IMAGES', 0, 128, 96, 5, '{RBC,WBC}', 0, null, null, :now)
              """)
          .param("sha256", TOKENIZER.sha256())
          .param("now", Timestamp.from(NOW))
          .update();
      migrate(old, "latest");

      assertThat(new Registry(jdbc).datasets())
          .containsExactly(
              text("books").withTokenizer(TOKENIZER),
              new DatasetEntry(
                  "cells", new Content.Pictures(128, 96, List.of("RBC", "WBC")), 5, NOW),
              text("new"));
    }
  }

  @Test
  void changesHowADatasetTakesDocuments() {
    registry.createDataset(text("books"));
    IntakePolicy changed = new IntakePolicy(DuplicateIds.KEEP, PlainValues.TEXT, 7);
    registry.setIntake("books", changed);

    assertThat(registry.requireDataset("books").intake()).isEqualTo(changed);
    assertCode(ErrorCode.NOT_FOUND, () -> registry.setIntake("none", changed));
  }

  @Test
  void keepsSnapshots() {
    registry.createDataset(text("books"));
    SnapshotEntry first = snapshot(1);
    SnapshotEntry second = snapshot(2);
    transactions.executeWithoutResult(status -> {
      registry.snapshots().add(first);
      registry.snapshots().add(second);
    });

    assertThat(registry.snapshots().find("books", 1)).contains(first);
    assertThat(registry.snapshots().find("books", 0)).contains(second);
    assertThat(registry.snapshots().find("books", 3)).isEmpty();
    assertThat(registry.snapshots().list("books")).containsExactly(first, second);
    assertCode(
        ErrorCode.ALREADY_EXISTS,
        () -> transactions.executeWithoutResult(status -> registry.snapshots().add(first)));
    assertThatThrownBy(() -> registry.snapshots().add(snapshot(3)))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void keepsModelVersions() {
    ModelVersion first = version(1, "run-a", 1);
    ModelVersion second = version(2, "run-a", 1);
    publish(first);
    publish(second);

    assertThat(models.latestModel("shapes")).contains(second);
    assertThat(models.latestModels()).containsExactly(second);
    assertThat(models.model("shapes", 1)).contains(first);
    assertThat(models.models("shapes")).containsExactly(first, second);
    assertThat(models.modelsOfRun("run-a")).containsExactly(first, second);
    assertThat(models.nextVersion("shapes")).isEqualTo(3);
    assertThat(models.nextVersion("other")).isEqualTo(1);
    assertCode(ErrorCode.ALREADY_EXISTS, () -> publish(second));
    assertThatThrownBy(() -> models.publish(version(3, "run-a", 1)))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void refusesAZombie() {
    publish(version(1, "run-a", 1));
    publish(version(2, "run-a", 2));

    assertCode(ErrorCode.FAILED_PRECONDITION, () -> publish(version(3, "run-a", 1)));
    publish(version(3, "run-b", 1));
    assertThat(models.models("shapes")).hasSize(3);
  }

  private static void migrate(HikariDataSource dataSource, String version) {
    Flyway.configure()
        .dataSource(dataSource)
        .locations("classpath:db/millrace/registry")
        .defaultSchema("registry")
        .target(version)
        .load()
        .migrate();
  }

  private void publish(ModelVersion version) {
    transactions.executeWithoutResult(status -> models.publish(version));
  }

  private static DatasetEntry text(String name) {
    return new DatasetEntry(name, new Content.Text(512, null), 2.5, NOW);
  }

  private static SnapshotEntry snapshot(int version) {
    return new SnapshotEntry(
        "books",
        version,
        List.of(new Range("sequences.books", 0, 0, 10L * version, 9)),
        List.of(new Range("sequences.books.heldout", 0, 0, 2, 1)),
        "ef".repeat(32),
        Map.of("documents", 3L, "tokens", 900L),
        List.of("version " + version),
        NOW);
  }

  private static ModelVersion version(int version, String run, long token) {
    return new ModelVersion(
        "shapes",
        version,
        "detection",
        run,
        token,
        100L * version,
        "models/shapes/" + version,
        "ab".repeat(32),
        Map.of("loss", 1.5),
        NOW);
  }

  private static void assertCode(
      ErrorCode code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(MillraceException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
