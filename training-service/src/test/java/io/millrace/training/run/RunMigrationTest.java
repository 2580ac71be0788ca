package io.millrace.training.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.testing.TestServers;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Rows that earlier versions wrote are read as if they had been written today. */
class RunMigrationTest {
  private static final DriverManagerDataSource DATA = new DriverManagerDataSource();
  private static RunStore store;

  @BeforeAll
  static void migrateOldRows() {
    TestServers.Database database = TestServers.freshDatabase();
    DATA.setUrl(database.url() + "?currentSchema=training");
    DATA.setUsername(database.user());
    DATA.setPassword(database.password());
    Flyway.configure()
        .dataSource(DATA)
        .locations("classpath:db/millrace/registry")
        .defaultSchema("registry")
        .createSchemas(true)
        .load()
        .migrate();
    migrateTo("3");
    insert("language-1", "language", "[0.25, 0.75]");
    insert("detection-1", "detection", "[]");
    warn("data", "half of it was rejected");
    migrateTo("latest");
    store = new RunStore(JdbcClient.create(DATA), Clock.systemUTC());
  }

  @Test
  void namesTheRowsOfFigures() {
    assertThat(store.require("language-1").progress().series())
        .isEqualTo(Map.of("expert_load", List.of(0.25, 0.75)));
    assertThat(store.require("detection-1").progress().series()).isEmpty();
  }

  @Test
  void keepsTheRestOfTheProgress() {
    Progress progress = store.require("language-1").progress();

    assertThat(progress.step()).isEqualTo(7);
    assertThat(progress.firstLoss()).isEqualTo(5.5);
    assertThat(progress.metrics()).isEqualTo(Map.of("parameters", 100.0));
  }

  @Test
  void bringsOptionsTogether() {
    assertThat(store.require("language-1").request().options())
        .isEqualTo(
            Map.of(
                "accumulation",
                2,
                "recompute_every",
                3,
                "ema_decay",
                0.5,
                "documents",
                "crossing",
                "precision",
                "bf16"));
    assertThat(store.require("detection-1").request().options()).isEmpty();
  }

  @Test
  void learnsOnAsBefore() {
    RunRequest request = store.require("language-1").request();

    assertThat(request.schedule()).isEqualTo(Schedule.COSINE);
    assertThat(request.from()).isNull();
    assertThat(request.learningRate()).isEqualTo(0.001);
  }

  @Test
  void warnsOfWhatTheSnapshotWarnsOf() {
    assertThat(store.require("language-1").warnings()).containsExactly("half of it was rejected");
  }

  private static void warn(String dataset, String warning) {
    JdbcClient registry = JdbcClient.create(DATA);
    registry
        .sql(
            """
            insert into registry.dataset (name, content, heldout_percent, documents, created_at)
            values (:name, '{}', 1, '{}', now())
            """)
        .param("name", dataset)
        .update();
    registry
        .sql(
            """
            insert into registry.snapshot (dataset, version, sha256, counts, warnings, created_at)
            values (:name, 1, '', '{}', :warnings, now())
            """)
        .param("name", dataset)
        .param("warnings", new String[] {warning})
        .update();
  }

  private static void migrateTo(String version) {
    Flyway.configure()
        .dataSource(DATA)
        .locations("classpath:db/training")
        .defaultSchema("training")
        .createSchemas(true)
        .target(version)
        .load()
        .migrate();
  }

  private static void insert(String id, String task, String expertLoad) {
    JdbcClient.create(DATA)
        .sql(
            """
            insert into run (id, model, task, dataset, snapshot, preset, steps, batch_size,
              learning_rate, checkpoint_every, checkpoint_at_start, seed, accumulation,
              recompute_every, ema_decay, documents, precision, state, error,
              cancel_requested, progress, attempts, stalled_attempts, fencing_token, revision,
              created_at)
            values (:id, 'old', :task, 'data', 1, 'nano', 10, 8, 0.001, 5, false, 0, 2,
              3, 0.5, 'crossing', 'bf16', 'QUEUED', '',
              false, cast(:progress as jsonb), 0, 0, 0, 1, now())
            """)
        .param("id", id)
        .param("task", task)
        .param(
            "progress",
            """
            {"step":7,"loss":1.5,"firstLoss":5.5,"rate":0,"averageRate":0,"dataWaitShare":0,
             "secondsLeft":0,"checkpoints":1,"latestVersion":1,"expertLoad":%s,
             "metrics":{"parameters":100.0}}
            """
                .formatted(expertLoad))
        .update();
  }
}
